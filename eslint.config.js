// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const architecture = JSON.parse(readFileSync(new URL('architecture.json', import.meta.url), 'utf8'));
const pureRooms = Object.entries(architecture.rooms)
  .filter(([, room]) => room.isPure)
  .map(([name]) => name);

const TESTS = [
  '**/*.test.ts',
  '**/*.testing.ts',
  'libs/*/src/testing.ts',
  'e2e/**/*.ts',
  'libs/*/test/**/*.ts',
  'benchmarks/**/*.ts',
];
const PROGRAMS = [
  'apps/cli/**',
  'tools/lint/**',
  'tools/scripts/**',
  'e2e/**',
  'benchmarks/**',
  'libs/devstack/src/cli/**',
];

const namedExportsOnly = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Named exports only.' },
];
const explicitExportsOnly = { selector: 'ExportAllDeclaration', message: 'Explicit export lists only.' };

export default tseslint.config(
  {
    ignores: ['**/dist/', '**/node_modules/', '.nx/', '.promo/', '.e2e/', 'coverage/', '**/*.js', '!eslint.config.js'],
  },
  {
    // A comment must not be able to switch a rule off.
    linterOptions: { noInlineConfig: true },
  },
  { ...eslint.configs.recommended, languageOptions: { globals: { URL: 'readonly' } } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Ports are asynchronous; an implementation in memory has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Numbers and booleans print the same everywhere; objects do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...namedExportsOnly, explicitExportsOnly],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // The reason of an AbortSignal is typed `any` and passed on as it is.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      // What was caught is thrown again as it came.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingAny: false, allowThrowingUnknown: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['libs/*/src/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'exit', message: 'Only front ends end the process.' },
        { object: 'process', property: 'stdout', message: 'Libraries print nothing.' },
        { object: 'process', property: 'stderr', message: 'Libraries print nothing.' },
      ],
    },
  },
  {
    files: pureRooms.map((name) => `${name}/src/**/*.ts`),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: architecture.networkModules.flatMap((name) => [name, `node:${name}`]),
          patterns: [{ group: ['undici/*', 'node:dns/*', 'dns/*'], message: 'Pure rooms use no network.' }],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'fetch', 'WebSocket'],
    },
  },
  { files: PROGRAMS, rules: { 'no-console': 'off', 'no-restricted-properties': 'off' } },
  {
    files: TESTS,
    rules: {
      // The body of a `describe` is a list of tests, not a function.
      'max-lines-per-function': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // The columns of a table of cases are parameters, and matchers of vitest are typed `any`.
      '@typescript-eslint/max-params': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Pure rooms are pure in what they ship; their tests may read files and environment.
    files: pureRooms.flatMap((name) => [`${name}/src/**/*.test.ts`, `${name}/src/**/*.testing.ts`]),
    rules: { 'no-restricted-imports': 'off', 'no-restricted-globals': 'off' },
  },
  {
    // Vitest reads the default export of its configuration and reporters; Nx that of an executor or generator; an edge that
    // of a worker.
    files: [
      '**/vitest.config.ts',
      'tools/scripts/count-reporter.ts',
      'tools/executors/src/executors/**/*.ts',
      'tools/executors/src/generators/**/*.ts',
      'apps/redirector/worker.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', explicitExportsOnly] },
  },
);
