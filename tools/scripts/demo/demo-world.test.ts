// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DemoFailure } from './demo-failure.ts';
import { STAGING } from './demo-registries.ts';
import { openDemoWorld } from './demo-world.ts';

describe('a second demo', () => {
  it('says that the port is taken, and leaves the trust files of the first alone', async () => {
    const repository = await mkdtemp(join(tmpdir(), 'promograph-demo-world-'));
    const first = createServer();
    try {
      await new Promise<void>((resolve) => first.listen(0, '127.0.0.1', resolve));
      const { port } = first.address() as AddressInfo;
      const token = join(repository, '.demo', 'sigstore', 'token');
      await mkdir(join(repository, '.demo', 'sigstore'), { recursive: true });
      await writeFile(token, 'of the first demo');

      const failure = await openDemoWorld(repository, { ...STAGING, port }).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(DemoFailure);
      expect(String(failure)).toContain(`port ${port}`);
      expect(await readFile(token, 'utf8')).toBe('of the first demo');
    } finally {
      first.close();
      await rm(repository, { recursive: true, force: true });
    }
  });
});
