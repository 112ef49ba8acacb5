// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sendTo } from './redirector-world.testing.ts';
import { runRedirector } from './run-redirector.ts';

const CONFIG = `listen: 127.0.0.1:0
canonical: [{ endpoint: https://c.example, prefix: prod }]
regions: { west: { endpoint: https://w.example, prefix: prod, next: [canonical] } }
default: west
`;
const AMAZON = { prefixes: [{ ip_prefix: '192.0.2.0/24', region: 'eu-west-2' }], ipv6_prefixes: [] };
const HEX = 'ab'.repeat(32);

let dir: string;
let file: string;
let out: string;
let err: string;
let signals: Map<string, () => void>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'promograph-redirector-'));
  file = join(dir, 'r.yaml');
  writeFileSync(file, CONFIG);
  [out, err] = ['', ''];
  signals = new Map();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const run = (...args: readonly string[]): Promise<number> =>
  runRedirector(args, {
    env: {},
    writeOut: (text) => void (out += text),
    writeErr: (text) => void (err += text),
    onSignal: (name, listener) => void signals.set(name, listener),
  });

describe('promograph-redirector', () => {
  it('serves, reads its configuration again, keeps the old one when the new is wrong, and ends', async () => {
    const ended = run('--config', file);
    await expect.poll(() => err).toContain('listening on port');
    const port = Number(/port (\d+)/.exec(err)?.[1]);
    const statusOf = async (): Promise<number> => (await sendTo(port, '/v2/bad/tags/list')).status;
    expect(await statusOf()).toBe(307);

    writeFileSync(file, `${CONFIG}takedown: [{ repository: bad }]\n`);
    signals.get('SIGHUP')?.();
    await expect.poll(statusOf).toBe(451);

    writeFileSync(file, `${CONFIG}takedowns: []\n`);
    signals.get('SIGHUP')?.();
    await expect.poll(() => err).toContain(`${file}:5:1: unknown key takedowns`);
    expect(await statusOf()).toBe(451);

    signals.get('SIGTERM')?.();
    expect(await ended).toBe(0);
    await expect(sendTo(port, '/v2/')).rejects.toThrow();
  });

  it('reads its configuration once at a time, so that of two readings the later one counts', async () => {
    const ended = run('--config', file);
    await expect.poll(() => err).toContain('listening on port');
    const port = Number(/port (\d+)/.exec(err)?.[1]);
    const statusOf = async (): Promise<number> => (await sendTo(port, '/v2/bad/tags/list')).status;
    // A file whose reading takes as long as the test likes.
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    rmSync(file);
    linkSync(pipe, file);

    signals.get('SIGHUP')?.();
    const writing = await open(pipe, 'w');
    writeFileSync(join(dir, 'later'), `${CONFIG}takedown: [{ repository: bad }]\n`);
    renameSync(join(dir, 'later'), file);
    signals.get('SIGHUP')?.();
    for (let at = 0; at < 20; at += 1) await statusOf();
    await writing.writeFile(CONFIG);
    await writing.close();

    await expect.poll(() => err.split('the new configuration is in use').length - 1).toBe(2);
    expect(await statusOf()).toBe(451);
    signals.get('SIGTERM')?.();
    expect(await ended).toBe(0);
  });

  it('hears signals before it says that it listens', async () => {
    const heard: string[][] = [];
    const ended = runRedirector(['--config', file], {
      env: {},
      writeOut: () => undefined,
      writeErr: () => void heard.push([...signals.keys()]),
      onSignal: (name, listener) => void signals.set(name, listener),
    });
    await expect.poll(() => heard[0]).toEqual(['SIGHUP', 'SIGTERM', 'SIGINT']);

    signals.get('SIGTERM')?.();
    expect(await ended).toBe(0);
  });

  it('checks a configuration', async () => {
    expect(await run('check', '--config', file)).toBe(0);

    writeFileSync(file, 'canonical: []\n');
    expect(await run('check', '--config', file)).toBe(3);
    expect(err).toContain(`REDIRECTOR_CONFIG_INVALID\n${file}:1:12: canonical:`);
  });

  it('explains where a request goes, for every answer of the region', async () => {
    expect(await run('explain', `/v2/p/manifests/sha256:${HEX}?ns=x`, '--config', file)).toBe(0);

    const address = (host: string): string => `https://${host}.example/v2/prod/p/manifests/sha256:${HEX}`;
    expect(out.split('\n').slice(1)).toEqual([
      `request: manifest-by-digest, repository p, reference sha256:${HEX}`,
      'region: west',
      'while its registry fails: canonical',
      `asks west: HEAD ${address('w')}`,
      '  it has it:',
      `    307 ${address('w')}?ns=x (region)`,
      '  it does not:',
      `    307 ${address('c')}?ns=x (absent)`,
      '  it does not tell in time:',
      `    307 ${address('w')}?ns=x (unanswered)`,
      '  the client asks too much:',
      `    307 ${address('c')}?ns=x (overflow)`,
      '',
    ]);
  });

  it('explains a tag, which no one takes unasked from a client that asks too much', async () => {
    await run('explain', '/v2/p/manifests/v1', '--config', file);

    expect(out).toContain(
      '  it does not tell in time; the client asks too much:\n    307 https://w.example/v2/prod/p/manifests/v1 (unanswered)\n',
    );
  });

  it('explains what is refused', async () => {
    await run('explain', '/v2/../etc/manifests/v1', '--config', file);

    expect(out).toContain('404 NAME_UNKNOWN (refused)');
  });

  it('imports ranges from files and addresses', async () => {
    const server = createServer((_request, response) => response.end(JSON.stringify(AMAZON)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ip-ranges.json`;
    const google = join(dir, 'cloud.json');
    writeFileSync(google, '{"prefixes":[{"ipv4Prefix":"198.51.100.0/24","scope":"europe-west2"}]}');
    const output = join(dir, 'ranges.json');

    expect(await run('import-ranges', url, google, '--output', output)).toBe(0);

    server.close();
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual({
      version: 1,
      ranges: [
        { cidr: '192.0.2.0/24', label: 'aws:eu-west-2' },
        { cidr: '198.51.100.0/24', label: 'gcp:europe-west2' },
      ],
    });
  });

  it.each([
    ['an address without TLS', 'http://ranges.example/x.json', 1, 'only https is downloaded'],
    ['a file that is not there', '/nowhere/x.json', 3, 'REDIRECTOR_FILE_UNREADABLE'],
  ])('does not import ranges from %s', async (_name, source, exitCode, text) => {
    expect(await run('import-ranges', source)).toBe(exitCode);
    expect(err).toContain(text);
  });

  it('prints a schema that takes what it takes', async () => {
    expect(await run('schema')).toBe(0);

    const validate = new Ajv({ formats: { uri: true } }).compile(JSON.parse(out) as object);
    expect(validate(parse(CONFIG))).toBe(true);
    expect(validate({ canonical: [], foo: 1 })).toBe(false);
  });

  it.each([
    ['an unknown flag', ['--nonsense'], 3],
    ['no configuration', [], 3],
    ['a question for its version', ['--version'], 0],
  ])('answers %s with its exit code', async (_name, args, expected) => {
    expect(await run(...args)).toBe(expected);
  });
});
