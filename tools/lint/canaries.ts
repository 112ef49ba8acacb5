// SPDX-License-Identifier: Apache-2.0

/** A planted mistake and the rule that must object to it, in the file that holds it. */
export interface Canary {
  readonly guard: string;
  readonly rule: string;
  readonly path: string;
  /** The file's text, or what to make of the text that is there. */
  readonly text: string | ((before: string) => string);
}

/** Path and text after the licence line. */
type Planted = readonly [path: string, body: string];

const SPDX = '// SPDX-License-Identifier: Apache-2.0\n';

const plant = (guard: string, rule: string, [path, body]: Planted): Canary => ({
  guard,
  rule: `${guard}/${rule}`,
  path,
  text: SPDX + body,
});
const eslint = (rule: string, ...planted: Planted): Canary => plant('eslint', rule, planted);
const layers = (rule: string, ...planted: Planted): Canary => plant('layers', rule, planted);
const files = (rule: string, ...planted: Planted): Canary => plant('files', rule, planted);
const lines = (line: string, count: number): string => `${line}\n`.repeat(count);

const TYPE_CANARIES: readonly Canary[] = [
  plant('types', 'TS2322', ['libs/oci/src/c-types.ts', "export const a: number = '1';\n"]),
  plant('types', 'TS2532', ['libs/oci/src/c-index.ts', 'export const f = (a: string[]): number => a[0].length;\n']),
  plant('types', 'TS2375', ['libs/oci/src/c-exact.ts', 'export const a: { b?: string } = { b: undefined };\n']),
];

const STYLE_CANARIES: readonly Canary[] = [
  eslint('@typescript-eslint/no-explicit-any', 'libs/oci/src/c-any.ts', 'export const a: any = 1;\n'),
  eslint(
    '@typescript-eslint/no-non-null-assertion',
    'libs/oci/src/c-bang.ts',
    'export const f = (a?: string): string => a!;\n',
  ),
  eslint(
    '@typescript-eslint/max-params',
    'libs/oci/src/c-params.ts',
    'export const f = (a: 1, b: 1, c: 1, d: 1): number => a + b + c + d;\n',
  ),
  eslint(
    '@typescript-eslint/switch-exhaustiveness-check',
    'libs/oci/src/c-switch.ts',
    "export function f(a: 'x' | 'y'): number {\n  switch (a) {\n    case 'x':\n      return 1;\n  }\n  return 2;\n}\n",
  ),
  eslint(
    '@typescript-eslint/consistent-type-imports',
    'libs/oci/src/c-type-import.ts',
    "import { Stats } from 'node:fs';\nexport const f = (a: Stats): number => a.size;\n",
  ),
  eslint(
    '@typescript-eslint/no-floating-promises',
    'libs/oci/src/c-floating.ts',
    'export function f(): void {\n  Promise.resolve(1);\n}\n',
  ),
  eslint(
    '@typescript-eslint/explicit-module-boundary-types',
    'libs/oci/src/c-return.ts',
    'export function f() {\n  return 1;\n}\n',
  ),
  eslint(
    'max-lines-per-function',
    'libs/oci/src/c-long.ts',
    `export function f(): number {\n  let a = 0;\n${lines('  a += 1;', 60)}  return a;\n}\n`,
  ),
];

const PURITY_CANARIES: readonly Canary[] = [
  eslint('no-console', 'libs/registry/src/c-console.ts', "console.log('x');\n"),
  eslint('no-restricted-syntax', 'libs/oci/src/c-default.ts', 'const a = 1;\nexport default a;\n'),
  eslint('no-restricted-syntax', 'libs/oci/src/c-renamed.ts', 'const a = 1;\nexport { a as default };\n'),
  eslint('no-restricted-syntax', 'libs/oci/src/c-star.ts', "export * from './index.ts';\n"),
  eslint('no-restricted-imports', 'libs/plan/src/c-http.ts', "export { request } from 'node:http';\n"),
  eslint('no-restricted-imports', 'libs/plan/src/c-undici.ts', "export { request } from 'undici';\n"),
  eslint('no-restricted-globals', 'libs/plan/src/c-process.ts', 'export const f = (): string => process.cwd();\n'),
  eslint('no-restricted-globals', 'libs/oci/src/c-fetch.ts', "export const f = (): unknown => fetch('http://a');\n"),
  eslint('no-restricted-properties', 'libs/registry/src/c-exit.ts', 'export const f = (): never => process.exit(1);\n'),
  // The comment below must not help: comments cannot switch a rule off.
  eslint('no-console', 'libs/registry/src/c-comment.ts', `/* eslint${'-'}disable */\nconsole.log('x');\n`),
];

const LAYER_CANARIES: readonly Canary[] = [
  layers('arrow', 'libs/plan/src/c-up.ts', "export { openSession } from '@promograph/promoter';\n"),
  layers('arrow', 'libs/plan/src/c-type-up.ts', "export type { Session } from '@promograph/promoter';\n"),
  layers('arrow', 'libs/plan/src/c-up.test.ts', "export { openSession } from '@promograph/promoter';\n"),
  layers('arrow', 'libs/plan/src/c-dynamic.ts', "export const f = (): unknown => import('@promograph/promoter');\n"),
  layers('arrow', 'apps/cli/src/c-front-end.ts', "export { name } from '@promograph/nx';\n"),
  layers('testing', 'libs/promoter/src/c-devstack.ts', "export { seed } from '@promograph/devstack';\n"),
  layers('relative', 'libs/registry/src/c-relative.ts', "export { plan } from '../../plan/src/index.ts';\n"),
  layers('pure', 'libs/plan/src/c-pure.ts', "export { connect } from 'node:net';\n"),
  layers('unlisted', 'libs/plan/src/c-unlisted.ts', "export { pad } from 'left-pad';\n"),
  {
    guard: 'layers',
    rule: 'layers/table',
    path: 'architecture.json',
    text: (before) => before.replace('"mayImport": []', '"mayImport": ["libs/limiter"]'),
  },
  {
    guard: 'layers',
    rule: 'layers/dependency',
    path: 'libs/oci/package.json',
    text: (before) => before.replace('"dependencies": {', '"dependencies": { "@promograph/promoter": "0.1.0",'),
  },
];

const FILE_CANARIES: readonly Canary[] = [
  { guard: 'files', rule: 'files/licence', path: 'libs/oci/src/c-licence.ts', text: 'export {};\n' },
  { guard: 'files', rule: 'files/mirror', path: '.npmrc', text: `registry=${'http'}s://packages.example.org/\n` },
  files('length', 'libs/oci/src/c-length.ts', lines('export {};', 401)),
  files('name', 'libs/oci/src/utils.ts', 'export {};\n'),
  files('name', 'libs/oci/src/cName.ts', 'export {};\n'),
  files('machine-path', 'libs/oci/src/c-path.ts', `// see ${'/Us'}ers/somebody\nexport {};\n`),
  files('unfinished', 'libs/oci/src/c-unfinished.ts', `// ${'TO'}DO later\nexport {};\n`),
  files('suppression', 'libs/oci/src/c-suppression.ts', `// @ts-${'ignore'}\nexport {};\n`),
  files('test-switched-off', 'libs/oci/src/c-skip.test.ts', `it.${'skip'}('x', () => undefined);\n`),
];

/** One or more mistakes for every guard; a guard that does not object to its own is broken. */
export const CANARIES: readonly Canary[] = [
  plant('format', 'prettier', ['libs/oci/src/c-format.ts', 'export   const a = "1"\n']),
  ...TYPE_CANARIES,
  ...STYLE_CANARIES,
  ...PURITY_CANARIES,
  ...LAYER_CANARIES,
  ...FILE_CANARIES,
  { guard: 'links', rule: 'links/broken', path: 'docs/c-link.md', text: '[a](missing.md)\n' },
  { guard: 'links', rule: 'links/broken', path: 'docs/c-anchor.md', text: '# One\n\n[a](#two)\n' },
  { guard: 'reference', rule: 'reference/stale', path: 'docs/reference/cli.md', text: '# Command line\n' },
  plant('knip', 'files', ['libs/oci/src/c-unused-file.ts', 'export {};\n']),
  plant('knip', 'exports', ['libs/oci/src/c-used.ts', 'export const a = 1;\nexport const b = 2;\n']),
  plant('knip', 'unlisted', ['libs/oci/src/index.ts', "import 'left-pad';\nexport { a } from './c-used.ts';\n"]),
];
