// SPDX-License-Identifier: Apache-2.0
import { compilePathPattern } from './path-pattern.ts';
import { type Field, isNull, type MappingShape, type NodeReader, offsetOf, textOf } from './node-reader.ts';
import type { PlacedBuilder } from './provenance-builders.ts';
import type { ProvenanceLevel } from './provenance-policy.ts';
import { type PlacedText, readTexts } from './read-texts.ts';

const LEVEL: MappingShape = { what: 'an entry of levels', keys: ['images', 'level'] };

/** A level as written; `value` is NaN when it is no plain whole number. */
export interface PlacedLevel extends PlacedText {
  readonly value: number;
}

/** An entry of `levels` and where its parts stand. */
export interface PlacedLevels {
  readonly entry: ProvenanceLevel;
  readonly offset: number;
  readonly patterns: readonly PlacedText[];
}

/** The number of a level field, or null when the field is absent. */
export function readLevel(field: Field | undefined): PlacedLevel | null {
  if (field === undefined || isNull(field.value)) return null;
  const text = textOf(field.value);
  const value = text !== null && text.isPlain && /^[0-9]{1,3}$/.test(text.text) ? Number(text.text) : NaN;
  return { text: text?.text ?? '', offset: offsetOf(field.value, field.key.offset), value };
}

/** Notes a required level that is neither 2 nor 3 and gives null; otherwise the level. */
export function requiredLevel(reader: NodeReader, level: PlacedLevel): 2 | 3 | null {
  if (level.value === 2 || level.value === 3) return level.value;
  const message = `level must be between 2 and 3, got ${level.text}`;
  reader.findings.add('provenance-level-invalid', level.offset, { message, value: level.text });
  return null;
}

/** Reads `levels:`; unusable entries are noted and left out. */
export function readLevels(reader: NodeReader, field: Field | undefined): PlacedLevels[] {
  if (field === undefined) return [];
  const levels: PlacedLevels[] = [];
  for (const item of reader.items(field.value, field.key.offset, 'levels') ?? []) {
    const at = offsetOf(item, field.key.offset);
    const fields = reader.fields(item, at, LEVEL);
    if (fields === null) continue;
    const patterns = readTexts(reader, fields.get('images'), 'images of levels');
    if (patterns.length === 0) reader.missingKey('images', at, 'an entry of levels');
    for (const pattern of patterns.filter(({ text }) => !isImagePattern(text))) {
      const message = `invalid image pattern: ${pattern.text}`;
      reader.findings.add('provenance-pattern-invalid', pattern.offset, { message, value: pattern.text });
    }
    const placed = readLevel(fields.get('level')) ?? { text: '', offset: at, value: NaN };
    const level = requiredLevel(reader, placed);
    if (level === null) continue;
    levels.push({ entry: { images: patterns.map(({ text }) => text), level }, offset: placed.offset, patterns });
  }
  return levels;
}

function isImagePattern(text: string): boolean {
  if (text.trim() === '' || text.startsWith('/') || text.endsWith('/')) return false;
  return compilePathPattern(text) !== null;
}

/**
 * The highest level that any provenance can be verified at: over all signers, the lowest level of the builders that the
 * signer may claim (those that name it, else those that name nobody). Null when no signer may claim any builder.
 */
export function reachableLevel(signers: readonly string[], builders: readonly PlacedBuilder[]): number | null {
  let highest: number | null = null;
  for (const signer of signers) {
    const bound = builders.filter(({ builder }) => builder.signers.includes(signer));
    const claimable = bound.length > 0 ? bound : builders.filter(({ builder }) => builder.signers.length === 0);
    if (claimable.length === 0) continue;
    const ceiling = Math.min(...claimable.map(({ builder }) => builder.level));
    highest = Math.max(highest ?? 0, ceiling);
  }
  return highest;
}
