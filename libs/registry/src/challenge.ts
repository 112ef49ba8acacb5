// SPDX-License-Identifier: Apache-2.0

/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1); names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const SCHEME = /\s*,?\s*([A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]*)(?=\s|,|$)(?!\s*=)/y;
const PARAMETER = /\s*,?\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/y;

/** All challenges of one or several header values; what does not follow the grammar ends its value's list. */
export function parseChallenges(header: string | readonly string[] | undefined): readonly Challenge[] {
  const values = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  return values.flatMap(challengesOf);
}

function challengesOf(value: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  for (;;) {
    SCHEME.lastIndex = at;
    const scheme = SCHEME.exec(value)?.[1];
    if (scheme === undefined) return challenges;
    at = SCHEME.lastIndex;
    const parameters = new Map<string, string>();
    for (;;) {
      PARAMETER.lastIndex = at;
      const [, name, quoted, token] = PARAMETER.exec(value) ?? [];
      if (name === undefined) break;
      at = PARAMETER.lastIndex;
      parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
    }
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
  }
}
