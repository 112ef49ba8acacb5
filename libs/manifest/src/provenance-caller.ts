// SPDX-License-Identifier: Apache-2.0
import { compilePathPattern } from './path-pattern.ts';
import { type Field, isNull, type MappingShape, type NodeReader } from './node-reader.ts';
import type { ProvenanceBuilder } from './provenance-policy.ts';
import { type PlacedText, readTexts } from './read-texts.ts';

/** `events` is known only to be refused with a reason. */
const CALLER: MappingShape = { what: 'caller', keys: ['workflows', 'refs', 'events'] };
const WORKFLOWS = '.github/workflows/';

/** Reads `caller:` of a builder; null when there is none. */
export function callerOf(reader: NodeReader, field: Field | undefined): ProvenanceBuilder['caller'] {
  if (field === undefined || isNull(field.value)) return null;
  const fields = reader.fields(field.value, field.key.offset, CALLER);
  if (fields === null) return null;
  const events = fields.get('events');
  if (events !== undefined) note(reader, { ...events.key, text: 'events' }, 'events of a caller cannot be verified');
  const refs = readTexts(reader, fields.get('refs'), 'refs');
  const workflows = readTexts(reader, fields.get('workflows'), 'workflows');
  if (refs.length === 0) note(reader, { text: '', offset: field.key.offset }, 'caller needs refs');
  for (const ref of refs.filter(({ text }) => !isRefPattern(text))) {
    note(reader, ref, `a ref must be a pattern that begins with refs/: ${ref.text}`);
  }
  for (const workflow of workflows.filter(({ text }) => !isWorkflowPath(text))) {
    note(reader, workflow, `a workflow must be a clean path below ${WORKFLOWS}, without @: ${workflow.text}`);
  }
  return { workflows: workflows.map(({ text }) => text), refs: refs.map(({ text }) => text) };
}

function isRefPattern(text: string): boolean {
  return text.startsWith('refs/') && text.length > 'refs/'.length && compilePathPattern(text) !== null;
}

function isWorkflowPath(text: string): boolean {
  if (!text.startsWith(WORKFLOWS) || text.includes('@')) return false;
  return text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function note(reader: NodeReader, place: PlacedText, message: string): void {
  reader.findings.add('provenance-caller-invalid', place.offset, { message, value: place.text });
}
