// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MODULE = fileURLToPath(new URL('./compiled-code.ts', import.meta.url));
/** The cache is the process's own, so each case has one. */
const PROGRAM = `
const { keepCompiledCode, writeCompiledCode } = await import(process.argv[1]);
keepCompiledCode(process.argv[2]);
await import(process.argv[3]);
writeCompiledCode();
process.kill(process.pid, 'SIGKILL');
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'promograph-compiled-'));
  writeFileSync(join(root, 'program.mjs'), 'export const answer = 42;\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(): void {
  const { NODE_COMPILE_CACHE: _cache, NODE_DISABLE_COMPILE_CACHE: _disabled, ...env } = process.env;
  const args = ['--input-type=module', '--eval', PROGRAM, MODULE, root, join(root, 'program.mjs')];
  try {
    execFileSync(process.execPath, args, { env, stdio: 'ignore' });
  } catch (error) {
    if ((error as { signal?: string }).signal !== 'SIGKILL') throw error;
  }
}

describe('keepCompiledCode', () => {
  it("keeps what is imported afterwards below the workspace's packages, also of a worker that is killed", () => {
    mkdirSync(join(root, 'node_modules'));

    run();

    const kept = globSync('node_modules/.cache/promograph/**', { cwd: root, withFileTypes: true });
    expect(kept.filter((entry) => entry.isFile())).not.toEqual([]);
  });

  it('makes no directory where no packages are', () => {
    run();

    expect(existsSync(join(root, 'node_modules'))).toBe(false);
  });
});
