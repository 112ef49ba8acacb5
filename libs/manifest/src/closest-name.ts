// SPDX-License-Identifier: Apache-2.0

/** The known name that `text` was probably meant to be (at most two edits, or a third of its length), or null. */
export function closestName(text: string, known: readonly string[]): string | null {
  const wanted = text.toLowerCase().slice(0, 64);
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** More known names than this are not listed in a hint. */
const MAX_LISTED = 12;

/** `Did you mean "x"?`, or the list of what is known where it is short. */
export function suggestName(text: string, known: readonly string[]): string {
  const closest = closestName(text, known);
  if (closest !== null) return `Did you mean "${closest}"?`;
  return known.length > MAX_LISTED ? 'No known name is near it.' : `Known here: ${known.join(', ')}.`;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
