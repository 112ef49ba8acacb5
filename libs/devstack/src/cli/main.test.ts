// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry } from '../registry/start-registry.ts';
import { generateTree } from '../tree/generate-tree.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
let dir: string;
const children: ChildProcess[] = [];

const run = (...args: string[]): ReturnType<typeof spawn> => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: dir },
  });
  children.push(child);
  return child;
};
const ready = async (child: ChildProcess): Promise<Record<string, unknown>> => {
  if (!child.stdout) throw new Error('no stdout');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return JSON.parse(line) as Record<string, unknown>;
};
const stop = async (child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> => {
  const exit = once(child, 'exit');
  child.kill(signal);
  return (await exit)[0];
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'devstack-cli-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

describe('devstack registry', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('says its URL, answers, and ends with 0 at %s', async (signal) => {
    const child = run('registry', '--dir', join(dir, 'r'), '--listing', 'google');
    const { url } = await ready(child);

    const { status } = await fetch(`${String(url)}/v2/`);

    expect([status, await stop(child, signal), existsSync(join(dir, 'r'))]).toEqual([200, 0, true]);
  });

  it.each(['basic', 'bearer'])('tells the account of --auth %s', async (mode) => {
    const child = run('registry', '--auth', mode);
    const { url, username, password } = await ready(child);

    const challenge = (await fetch(`${String(url)}/v2/`)).headers.get('www-authenticate') ?? '';

    expect([username, password]).toEqual(['devstack', 'devstack-password']);
    expect(challenge.toLowerCase()).toMatch(new RegExp(`^${mode} `));
  });

  it('caps requests with --rps', async () => {
    const { url } = await ready(run('registry', '--rps', '1', '--latency', '1'));

    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${String(url)}/v2/`)));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  });

  it('says in one line that its port is taken', async () => {
    const holder = await startRegistry();
    const child = run('registry', '--port', String(holder.port));

    const [message, exit] = await Promise.all([child.stderr && text(child.stderr), once(child, 'exit')]);

    expect([exit[0], message]).toEqual([
      1,
      `devstack: port ${holder.port} is taken by another program. End that program or choose another port.\n`,
    ]);
    await holder.close();
  });

  it('refuses a port that is no number', async () => {
    const [code] = (await once(run('registry', '--port', 'x'), 'exit')) as [number];

    expect(code).toBe(1);
  });
});

describe('devstack fleet', () => {
  it('tells the tree, the hosts and the edges, and answers for the hosts', async () => {
    const hosts = ['a.example', 'b.example'] as const;
    const shape = { projects: 2, imagesPerProject: 2, digestsPerImage: 2, destinations: 1, seed: 's', hosts };
    const { edges } = generateTree({ ...shape, hosts: [...hosts], outDir: join(dir, 'tree') });
    const child = run('fleet', '--tree', join(dir, 'tree'), '--out', join(dir, 'out'), '--promoted', '1', '--plain');

    const told = await ready(child);
    const stand = (told['hosts'] as Record<string, string>)['a.example'] ?? '';
    const listing = await fetch(`http://${stand}/v2/staging-0/image-0/tags/list`);

    expect(told).toMatchObject({ tree: join(dir, 'out'), edges, present: edges });
    expect(await listing.json()).toMatchObject({ tags: ['v0.0.0', 'v0.1.0'] });
    expect(await stop(child, 'SIGTERM')).toBe(0);
  });
});

describe('devstack sigstore', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'tells its services, mints a token, and ends with 0 at %s',
    async (signal) => {
      const child = run('sigstore', '--dir', join(dir, 's'));

      const told = await ready(child);
      const { status } = await fetch(`${String(told['oidc'])}/token?email=a@devstack.example&audience=sigstore`);

      const keys = ['url', 'oidc', 'fulcio', 'rekor', 'rekorV2', 'tsa', 'trustedRoot', 'signingConfig'];
      const further = ['signingConfigRekorV2', 'tufMirror', 'tufRoot', 'token'];
      expect([status, Object.keys(told)]).toEqual([200, [...keys, ...further]]);
      expect(existsSync(String(told['trustedRoot']))).toBe(true);
      expect(String(told['token']).split('.')).toHaveLength(3);
      expect(await stop(child, signal)).toBe(0);
    },
  );
});
