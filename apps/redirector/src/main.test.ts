// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sendTo } from './redirector-world.testing.ts';

const PROGRAM = fileURLToPath(new URL('../bin/promograph-redirector.js', import.meta.url));

it('goes on answering when nobody reads its log any more', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'promograph-redirector-'));
  const file = join(dir, 'r.yaml');
  writeFileSync(file, 'listen: 127.0.0.1:0\ncanonical: [{ endpoint: https://c.example }]\n');
  const child = spawn(process.execPath, [PROGRAM, '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await expect.poll(() => told, { timeout: 30_000 }).toContain('listening on port');
  const port = Number(/port (\d+)/.exec(told)?.[1]);

  child.stdout.destroy();
  // Lines are written some time after their requests: these are enough for many writes.
  for (let at = 0; at < 300; at += 1) {
    const longest = `/v2/p/tags/list?last=${'a'.repeat(500)}`;
    expect((await sendTo(port, longest)).status).toBe(307);
  }

  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  rmSync(dir, { recursive: true, force: true });
});
