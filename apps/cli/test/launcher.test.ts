// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAM } from './support/run-program.ts';

describe('the launcher of a built program', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'promograph-launcher-'));
    for (const name of ['bin', 'dist']) mkdirSync(join(dir, name));
    copyFileSync(PROGRAM, join(dir, 'bin/promograph.js'));
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    writeFileSync(join(dir, 'dist/main.js'), "export const main = async () => process.stdout.write('ran');");
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const launch = (env: Readonly<Record<string, string>>): string =>
    execFileSync(process.execPath, [join(dir, 'bin/promograph.js')], { env, encoding: 'utf8', stdio: 'pipe' });

  it('keeps compiled code among the caches of its user', () => {
    expect(launch({ XDG_CACHE_HOME: join(dir, 'caches'), HOME: dir })).toBe('ran');
    expect(existsSync(join(dir, 'caches/promograph/compiled'))).toBe(true);

    expect(launch({ HOME: dir })).toBe('ran');
    expect(existsSync(join(dir, '.cache/promograph/compiled'))).toBe(true);
  });

  it('keeps nothing on a CI runner', () => {
    expect(launch({ HOME: dir, CI: 'true' })).toBe('ran');
    expect(existsSync(join(dir, '.cache'))).toBe(false);
  });

  it('runs where nothing can be kept', () => {
    writeFileSync(join(dir, 'file'), '');

    expect(launch({ HOME: dir, XDG_CACHE_HOME: join(dir, 'file') })).toBe('ran');
  });
});
