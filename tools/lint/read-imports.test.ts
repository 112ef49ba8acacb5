// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { packageName, readImports } from './read-imports.ts';

describe('readImports', () => {
  it.each([
    ['a value import', "import { a } from 'x';"],
    ['a type import', "import type { A } from 'x';"],
    ['an import for its effect', "import 'x';"],
    ['a re-export', "export { a } from 'x';"],
    ['a dynamic import', "const a = await import('x');"],
    ['an import type', "const a: import('x').A = 1;"],
    ['a require call', "const a = require('x');"],
  ])('sees %s', (_name, text) => {
    expect(readImports(text).map(({ specifier }) => specifier)).toEqual(['x']);
  });

  it('does not see an import inside a comment or a string', () => {
    expect(readImports("// import 'x';\nconst a = \"import 'y'\";\n")).toEqual([]);
  });

  it('tells the line', () => {
    expect(readImports("import 'x';\n\nimport 'y';\n")).toEqual([
      { specifier: 'x', line: 1 },
      { specifier: 'y', line: 3 },
    ]);
  });
});

describe('packageName', () => {
  it.each([
    ['undici', 'undici'],
    ['undici/types/agent', 'undici'],
    ['@promograph/oci', '@promograph/oci'],
    ['@promograph/oci/src/digest.ts', '@promograph/oci'],
    ['node:fs/promises', 'fs'],
    ['fs/promises', 'fs'],
  ])('of %s is %s', (specifier, name) => {
    expect(packageName(specifier)).toBe(name);
  });
});
