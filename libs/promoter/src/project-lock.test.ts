// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockProject } from './project-lock.ts';

const LOCK_MODULE = fileURLToPath(new URL('project-lock.ts', import.meta.url));

describe('lockProject', () => {
  let stateDir: string;

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'promograph-lock-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true }));

  it('keeps a second holder out and names the first', () => {
    const lock = lockProject(stateDir, 'web');

    expect(() => lockProject(stateDir, 'web')).toThrow(`web is being promoted by process ${process.pid} on `);
    lock.release();
  });

  it('lets different projects be held at once', () => {
    const locks = [lockProject(stateDir, 'web'), lockProject(stateDir, 'tools')];

    for (const lock of locks) lock.release();
  });

  it('can be taken again after its release', () => {
    lockProject(stateDir, 'web').release();

    expect(() => lockProject(stateDir, 'web').release()).not.toThrow();
  });

  it('dies with a holder that is killed', async () => {
    const code = `import { lockProject } from ${JSON.stringify(LOCK_MODULE)};
      globalThis.held = lockProject(${JSON.stringify(stateDir)}, 'web'); console.log('held'); setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    expect(() => lockProject(stateDir, 'web')).toThrow(`process ${holder.pid} on `);

    holder.kill('SIGKILL');
    await once(holder, 'exit');

    expect(() => lockProject(stateDir, 'web').release()).not.toThrow();
  });
});
