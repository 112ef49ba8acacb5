// SPDX-License-Identifier: Apache-2.0

type CharacterTest = (character: string) => boolean;

interface Chunk {
  /** Whether a `*` stands in front. */
  readonly isAfterStar: boolean;
  readonly tests: readonly CharacterTest[];
}

/** A compiled pattern. */
export interface PathPattern {
  /** Whether the whole `name` matches. */
  matches(name: string): boolean;
}

/**
 * Compiles a pattern of Go's `path.Match`, which the existing promoter uses: `*` and `?` stop at `/`, `[a-z]` and `[^a-z]`
 * are classes, `\` quotes. Null when the pattern is malformed. Not a regular expression on purpose: patterns come from
 * pull requests, and many stars would make one backtrack for ever; this takes pattern times name steps at most.
 */
export function compilePathPattern(pattern: string): PathPattern | null {
  const characters = [...pattern];
  const chunks: Chunk[] = [];
  for (let at = 0; at < characters.length;) {
    const isAfterStar = characters[at] === '*';
    while (characters[at] === '*') at++;
    const tests: CharacterTest[] = [];
    while (at < characters.length && characters[at] !== '*') {
      const unit = readUnit(characters, at);
      if (unit === null) return null;
      tests.push(unit.test);
      at = unit.next;
    }
    chunks.push({ isAfterStar, tests });
  }
  return { matches: (name) => matchChunks(chunks, [...name]) };
}

interface Unit {
  readonly test: CharacterTest;
  readonly next: number;
}

function readUnit(characters: readonly string[], at: number): Unit | null {
  const character = characters[at];
  if (character === '?') return { test: (found) => found !== '/', next: at + 1 };
  if (character === '[') return readClass(characters, at + 1);
  const literal = character === '\\' ? characters[at + 1] : character;
  if (literal === undefined) return null;
  return { test: (found) => found === literal, next: at + (character === '\\' ? 2 : 1) };
}

function readClass(characters: readonly string[], start: number): Unit | null {
  const isNegated = characters[start] === '^';
  const ranges: [string, string][] = [];
  let at = isNegated ? start + 1 : start;
  while (characters[at] !== ']' || ranges.length === 0) {
    const low = readClassCharacter(characters, at);
    if (low === null) return null;
    const high = characters[low.next] === '-' ? readClassCharacter(characters, low.next + 1) : low;
    if (high === null) return null;
    ranges.push([low.character, high.character]);
    at = high.next;
  }
  const test = (found: string): boolean => ranges.some(([low, high]) => low <= found && found <= high) !== isNegated;
  return { test, next: at + 1 };
}

function readClassCharacter(characters: readonly string[], at: number): { character: string; next: number } | null {
  const character = characters[at];
  if (character === undefined || character === '-' || character === ']') return null;
  if (character !== '\\') return { character, next: at + 1 };
  const quoted = characters[at + 1];
  return quoted === undefined ? null : { character: quoted, next: at + 2 };
}

function matchChunks(chunks: readonly Chunk[], name: readonly string[]): boolean {
  let at = 0;
  for (const [index, chunk] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    if (chunk.isAfterStar && chunk.tests.length === 0) return !name.includes('/', at);
    const end = findChunk(chunk, name, { at, isLast });
    if (end === null) return false;
    at = end;
  }
  return at === name.length;
}

/** Where the leftmost usable match of `chunk` ends; the last chunk must reach the end of the name. */
function findChunk(chunk: Chunk, name: readonly string[], from: { at: number; isLast: boolean }): number | null {
  for (let start = from.at; start <= name.length; start++) {
    const end = start + chunk.tests.length;
    const isMatch = end <= name.length && chunk.tests.every((test, index) => test(name[start + index] ?? ''));
    if (isMatch && (!from.isLast || end === name.length)) return end;
    if (!chunk.isAfterStar || name[start] === '/') return null;
  }
  return null;
}
