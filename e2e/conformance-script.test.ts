// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A stand-in for the conformance program: asks the registry for a ping, then reports the results it is told to report. */
const STAND_IN = `#!/usr/bin/env node
const { writeFileSync } = require('node:fs');
const { OCI_REGISTRY, OCI_TLS, OCI_VERSION, OCI_RESULTS_DIR, RESULTS, EXIT_CODE } = process.env;
fetch('http://' + OCI_REGISTRY + '/v2/').then(({ status }) => {
  if (status !== 200 || OCI_TLS !== 'disabled' || OCI_VERSION !== '1.1') process.exit(9);
  if (RESULTS === '') return;
  const cases = RESULTS.split(' ').map((result) => '<testcase name="t" classname="" status="' + result + '"></testcase>');
  writeFileSync(OCI_RESULTS_DIR + '/junit.xml', '<testsuites>' + cases.join('\\n') + '</testsuites>');
  process.exitCode = Number(EXIT_CODE);
});
`;
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'conformance-script-'));
  writeFileSync(join(dir, 'stand-in.cjs'), STAND_IN);
  chmodSync(join(dir, 'stand-in.cjs'), 0o755);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Report {
  readonly results: string;
  readonly exitCode?: number;
  readonly program?: string;
}

function runScript({ results, exitCode = 0, program = 'stand-in.cjs' }: Report): Promise<[number, string]> {
  const env = {
    ...process.env,
    CONFORMANCE_BIN: join(dir, program),
    RESULTS: results,
    EXIT_CODE: String(exitCode),
  };
  return new Promise((resolve) => {
    execFile('bash', [join(import.meta.dirname, 'conformance.sh')], { env, timeout: 60_000 }, (error, stdout) => {
      resolve([error === null ? 0 : Number(error.code), stdout.trimEnd().split('\n').at(-1) ?? '']);
    });
  });
}

describe('conformance.sh', () => {
  it('ends with 0 when every test of the program passed', async () => {
    expect(await runScript({ results: 'passed passed' })).toEqual([
      0,
      'conformance: 2 passed, 0 failed (0 of them skipped or disabled)',
    ]);
  });

  it.each([
    ['a failed test', { results: 'passed failure' }, '1 passed, 1 failed (0'],
    ['an error of the program in a test', { results: 'passed error' }, '1 passed, 1 failed (0'],
    ['a skipped test, which the program itself lets pass', { results: 'passed skipped' }, '1 passed, 1 failed (1'],
    ['a program that ends with 1', { results: 'passed', exitCode: 1 }, '1 passed, 1 failed (0'],
    ['a program that reports nothing and ends with 0', { results: '' }, '0 passed, 1 failed (0'],
    ['a program that is not there', { results: 'passed', program: 'absent' }, '0 passed, 1 failed (0'],
  ])('ends with 1 after %s', async (_, report, counts) => {
    expect(await runScript(report)).toEqual([1, `conformance: ${counts} of them skipped or disabled)`]);
  });
});
