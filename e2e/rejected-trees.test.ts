// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { programPath } from './support/promotion-lab.ts';

const directory = fileURLToPath(new URL('manifests-rejected/', import.meta.url));

interface Expected {
  readonly code: string;
  readonly at: string;
}

/** Each tree holds one mistake, with its findings beside it. */
describe('promograph validate', () => {
  it.each(readdirSync(directory).toSorted())('answers 3 with code and place for %s', async (name) => {
    const expected = JSON.parse(readFileSync(join(directory, name, 'expected.json'), 'utf8')) as readonly Expected[];

    const state = join(tmpdir(), 'promograph-rejected', name);
    const args = ['validate', '--manifests', join(directory, name), '--output', 'json', '--state-dir', state];
    const { exitCode, stdout, stderr } = await execa(process.execPath, [programPath(), ...args], {
      reject: false,
      env: { HOME: tmpdir() },
    });

    const { findings } = JSON.parse(stdout) as { findings: readonly (Expected & { severity: string })[] };
    const line = ({ code, at }: Expected): string => `${code} ${at}`;
    expect(findings.map(line).toSorted()).toEqual(expected.map(line).toSorted());
    expect(exitCode, stderr).toBe(findings.some(({ severity }) => severity === 'error') ? 3 : 0);
  });
});
