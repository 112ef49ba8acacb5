// SPDX-License-Identifier: Apache-2.0
import type { ImageEntry } from './model.ts';
import { type Field, isNull, type MappingShape, type NodeReader } from './node-reader.ts';
import { compilePathPattern } from './path-pattern.ts';
import { checkBuilders, type PlacedBuilder, readBuilders } from './provenance-builders.ts';
import {
  type PlacedLevel,
  type PlacedLevels,
  reachableLevel,
  readLevel,
  readLevels,
  requiredLevel,
} from './provenance-level.ts';
import type { ProvenancePolicy } from './provenance-policy.ts';
import { signerProblem } from './provenance-signer.ts';
import { type PlacedText, readTexts } from './read-texts.ts';

const PROVENANCE: MappingShape = {
  what: 'provenance',
  keys: ['mode', 'signers', 'builders', 'sources', 'predicateTypes', 'level', 'levels'],
};

/** A policy and where its patterns stand, for the check against the images. */
export interface PlacedPolicy {
  readonly policy: ProvenancePolicy;
  readonly offset: number;
  readonly patterns: readonly PlacedText[];
}

/** Reads `provenance:`; null when there is none. Every mistake is noted; a policy with mistakes is never used. */
export function readProvenance(reader: NodeReader, field: Field | undefined): PlacedPolicy | null {
  if (field === undefined || isNull(field.value)) return null;
  const fields = reader.fields(field.value, field.key.offset, PROVENANCE);
  if (fields === null) return null;
  const mode = readMode(reader, fields.get('mode'));
  const lists = {
    signers: readTexts(reader, fields.get('signers'), 'signers'),
    sources: readTexts(reader, fields.get('sources'), 'sources'),
    predicateTypes: readTexts(reader, fields.get('predicateTypes'), 'predicateTypes'),
  };
  noteTexts(reader, lists);
  const { builders, count } = readBuilders(reader, fields.get('builders'));
  checkBuilders(
    reader,
    builders,
    lists.signers.map(({ text }) => text),
  );
  const level = readLevel(fields.get('level'));
  const required = level === null || level.value === 0 ? 0 : (requiredLevel(reader, level) ?? 0);
  const levels = readLevels(reader, fields.get('levels'));
  const section: Section = {
    ...lists,
    at: field.key.offset,
    mode,
    builders,
    builderCount: count,
    level,
    required,
    levels,
  };
  if (mode === 'off') noteUnused(reader, section);
  else {
    noteIncomplete(reader, section);
    noteUnreachable(reader, section);
  }
  return { policy: policyOf(section), offset: section.at, patterns: levels.flatMap(({ patterns }) => patterns) };
}

interface TextLists {
  readonly signers: readonly PlacedText[];
  readonly sources: readonly PlacedText[];
  readonly predicateTypes: readonly PlacedText[];
}

interface Section extends TextLists {
  readonly at: number;
  readonly mode: ProvenancePolicy['mode'];
  readonly builders: readonly PlacedBuilder[];
  /** Entries of the list, also those that were not usable. */
  readonly builderCount: number;
  readonly level: PlacedLevel | null;
  readonly required: 0 | 2 | 3;
  readonly levels: readonly PlacedLevels[];
}

function readMode(reader: NodeReader, field: Field | undefined): ProvenancePolicy['mode'] {
  const mode = reader.text(field, 'mode');
  if (mode === null || mode.text === '' || mode.text === 'off') return 'off';
  if (mode.text === 'warn' || mode.text === 'require') return mode.text;
  const message = `mode must be "off", "warn" or "require", got "${mode.text}"`;
  reader.findings.add('provenance-mode-invalid', mode.offset, { message, value: mode.text });
  return 'off';
}

function noteTexts(reader: NodeReader, lists: TextLists): void {
  for (const { text, offset } of lists.signers) {
    const message = signerProblem(text);
    if (message !== null) reader.findings.add('provenance-signer-invalid', offset, { message, value: text });
  }
  for (const { text, offset } of lists.sources) {
    if (text.trim() !== '' && !text.includes('@')) continue;
    const message = text.includes('@') ? `source must not carry a ref: ${text}` : 'source must not be blank';
    reader.findings.add('provenance-source-invalid', offset, { message, value: text });
  }
  for (const { text, offset } of lists.predicateTypes.filter((type) => type.text.trim() === '')) {
    reader.findings.add('provenance-predicate-invalid', offset, { message: 'predicate type is blank', value: text });
  }
}

function noteUnused(reader: NodeReader, section: Section): void {
  const isModeWrong = reader.findings.list.some(({ code }) => code === 'provenance-mode-invalid');
  const { signers, sources, predicateTypes, levels, builderCount, required } = section;
  const content = signers.length + sources.length + predicateTypes.length + levels.length + builderCount + required;
  if (isModeWrong || content === 0) return;
  reader.findings.add('provenance-unused', section.at, { message: 'the provenance policy is off', value: 'off' });
}

function noteIncomplete(reader: NodeReader, section: Section): void {
  const counts = { signer: section.signers.length, builder: section.builderCount, source: section.sources.length };
  for (const [part] of Object.entries(counts).filter(([, count]) => count === 0)) {
    const message = `at least one ${part} is required with mode ${section.mode}`;
    reader.findings.add('provenance-incomplete', section.at, { message, value: part });
  }
}

function noteUnreachable(reader: NodeReader, section: Section): void {
  const signers = section.signers.map(({ text }) => text);
  const highest = reachableLevel(signers, section.builders);
  if (highest === null || section.builders.length < section.builderCount) return;
  const wanted: { value: number; offset: number }[] = section.levels.map(({ entry, offset }) => {
    return { value: entry.level, offset };
  });
  if (section.level !== null) wanted.push({ value: section.required, offset: section.level.offset });
  for (const { value, offset } of wanted.filter((level) => level.value > highest)) {
    const message = `level ${value} is above ${highest}, the highest level that the builders can reach`;
    reader.findings.add('provenance-level-unreachable', offset, { message, value: String(value) });
  }
}

function policyOf(section: Section): ProvenancePolicy {
  return {
    mode: section.mode,
    signers: section.signers.map(({ text }) => text),
    builders: section.builders.map(({ builder }) => builder),
    sources: section.sources.map(({ text }) => text),
    predicateTypes: section.predicateTypes.map(({ text }) => text),
    level: section.required,
    levels: section.levels.map(({ entry }) => entry),
  };
}

/** Notes patterns that match none of the project's images: a renamed image would otherwise lose its stricter level silently. */
export function notePatternsWithoutImage(
  reader: NodeReader,
  placed: PlacedPolicy,
  images: readonly ImageEntry[],
): void {
  for (const { text, offset } of placed.patterns) {
    const pattern = compilePathPattern(text);
    if (pattern === null || images.some(({ name }) => pattern.matches(name))) continue;
    const message = `pattern matches no image: ${text}`;
    reader.findings.add('provenance-pattern-unmatched', offset, { message, value: text });
  }
}
