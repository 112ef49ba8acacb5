// SPDX-License-Identifier: Apache-2.0
import type { YamlNode } from './yaml-node.ts';
import { type Field, type MappingShape, type NodeReader, offsetOf, textOf } from './node-reader.ts';
import type { ProvenanceBuilder } from './provenance-policy.ts';
import { callerOf } from './provenance-caller.ts';
import { readLevel } from './provenance-level.ts';
import { type PlacedText, readTexts } from './read-texts.ts';

const BUILDER: MappingShape = { what: 'a builder', keys: ['id', 'level', 'signers', 'caller'] };

/** A builder and where its parts stand. */
export interface PlacedBuilder {
  readonly builder: ProvenanceBuilder;
  readonly offset: number;
  readonly signers: readonly PlacedText[];
}

/** Reads `builders:`; unusable entries are noted and left out. */
export function readBuilders(
  reader: NodeReader,
  field: Field | undefined,
): { readonly builders: readonly PlacedBuilder[]; readonly count: number } {
  if (field === undefined) return { builders: [], count: 0 };
  const items = reader.items(field.value, field.key.offset, 'builders') ?? [];
  const builders = items.map((item) => readBuilder(reader, item, field.key.offset)).filter((entry) => entry !== null);
  return { builders, count: items.length };
}

function readBuilder(reader: NodeReader, item: YamlNode | null, at: number): PlacedBuilder | null {
  const place = offsetOf(item, at);
  if (item?.kind !== 'map') {
    const value = textOf(item)?.text ?? '';
    const message = `builder needs a level: write {id: ${value}, level: 1..3}`;
    reader.findings.add('provenance-builder-invalid', place, { message, value });
    return null;
  }
  const fields = reader.fields(item, at, BUILDER);
  if (fields === null) return null;
  const id = reader.text(fields.get('id'), 'id');
  if (id === null || id.text.trim() === '') {
    const message = 'a builder needs an id that is not blank';
    reader.findings.add('provenance-builder-invalid', id?.offset ?? place, { message, value: id?.text ?? '' });
    return null;
  }
  const level = readLevel(fields.get('level'));
  const value = level?.value;
  if (value !== 1 && value !== 2 && value !== 3) {
    const message = `builder ${id.text} needs a level between 1 and 3`;
    reader.findings.add('provenance-builder-invalid', level?.offset ?? id.offset, {
      message,
      value: level?.text ?? '',
    });
    return null;
  }
  const signers = readTexts(reader, fields.get('signers'), 'signers of a builder');
  const caller = callerOf(reader, fields.get('caller'));
  const builder: ProvenanceBuilder = { id: id.text, level: value, signers: signers.map(({ text }) => text), caller };
  return { builder, offset: id.offset, signers };
}

/** Notes repeated ids, signers the policy lacks, and overlapping ids of which only one is bound to signers. */
export function checkBuilders(
  reader: NodeReader,
  builders: readonly PlacedBuilder[],
  signers: readonly string[],
): void {
  const seen = new Set<string>();
  for (const { builder, offset, signers: own } of builders) {
    if (seen.has(builder.id)) {
      const message = `builder repeated: ${builder.id}`;
      reader.findings.add('provenance-builder-repeated', offset, { message, value: builder.id });
    }
    seen.add(builder.id);
    for (const signer of own.filter(({ text }) => !signers.includes(text))) {
      const message = `builder ${builder.id} names a signer that the policy does not: ${signer.text}`;
      reader.findings.add('provenance-builder-signer-unknown', signer.offset, { message, value: signer.text });
    }
  }
  for (const placed of builders) noteOverlap(reader, placed, builders);
}

/** The narrower id (`id@ref`) is where the finding stands. */
function noteOverlap(reader: NodeReader, placed: PlacedBuilder, builders: readonly PlacedBuilder[]): void {
  const { id, signers } = placed.builder;
  const at = id.indexOf('@');
  if (at < 0) return;
  const wide = builders.find(({ builder }) => builder.id === id.slice(0, at));
  if (wide === undefined || wide.builder.signers.length > 0 === signers.length > 0) return;
  const message = `builder ${wide.builder.id} covers ${id}, and only one of them names signers`;
  reader.findings.add('provenance-builder-overlap', placed.offset, { message, value: id });
}
