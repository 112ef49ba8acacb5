// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAuthFile } from './auth-file.ts';
import { createCredentialSource, type CredentialSourceOptions } from './credential-source.ts';
import type { FoundCredential } from './credential.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'login-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function write(path: string, content: unknown, mode = 0o600): string {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, mode);
  return file;
}

function source(options: Partial<CredentialSourceOptions> = {}) {
  const env = { PATH: `${join(home, 'bin')}:${process.env['PATH']}`, ...options.env };
  return createCredentialSource({ home, googleToken: async () => null, ...options, env });
}

const basic = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });

/** What was found, with its secret in the open. */
function plain(found: FoundCredential | null): unknown {
  if (found === null) return null;
  const { credential } = found;
  return credential.kind === 'basic'
    ? `${credential.username}:${credential.password.reveal()}`
    : `${credential.kind} ${credential.token.reveal()}`;
}

/** A helper that answers by `script` and notes what it was asked. */
function helper(name: string, script: string): void {
  write(
    `bin/docker-credential-${name}`,
    `#!/bin/sh\nread server\necho "$1 $server" >> "${home}/asked"\n${script}\n`,
    0o700,
  );
}

const asked = (): string[] => readFileSync(join(home, 'asked'), 'utf8').trim().split('\n');

describe('login files', () => {
  it.each<[string, Record<string, unknown>, string, string | null]>([
    ['a host', { 'r.example': basic('u:p') }, 'r.example', 'u:p'],
    ['a host with a port', { 'localhost:5000': basic('u:p') }, 'localhost:5000', 'u:p'],
    ['a password with colons', { 'r.example': basic('u:a:b:c') }, 'r.example', 'u:a:b:c'],
    ['an empty user', { 'r.example': basic(':p') }, 'r.example', ':p'],
    ['a URL', { 'https://r.example/v2/': basic('u:p') }, 'r.example', 'u:p'],
    ['Docker Hub', { 'https://index.docker.io/v1/': basic('u:p') }, 'docker.io', 'u:p'],
    ['Docker Hub under its API name', { 'https://index.docker.io/v1/': basic('u:p') }, 'registry-1.docker.io', 'u:p'],
    ['user and password apart', { 'r.example': { username: 'u', password: 'p' } }, 'r.example', 'u:p'],
    ['an identity token', { 'r.example': { ...basic('u:'), identitytoken: 't' } }, 'r.example', 'identity t'],
    ['the user <token>', { 'r.example': basic('<token>:t') }, 'r.example', 'identity t'],
    ['a registry token', { 'r.example': { registrytoken: 't' } }, 'r.example', 'bearer t'],
    ['the other port', { 'localhost:5000': basic('u:p') }, 'localhost:5001', null],
    ['a host that only begins alike', { 'r.example': basic('u:p') }, 'r.example.net', null],
    ['an empty entry', { 'r.example': {} }, 'r.example', null],
    ['an entry that is not base64 of user:password', { 'r.example': { auth: '!!!!' } }, 'r.example', null],
  ])('know %s', async (_name, auths, ...[host, expected]) => {
    write('.docker/config.json', { auths });

    expect(plain(await source().find(host, 'app'))).toBe(expected);
  });

  it.each([
    ['a/b/c', 'c:c'],
    ['a/b/x', 'b:b'],
    ['a/x', 'a:a'],
    ['ax', 'host:host'],
    ['', 'host:host'],
  ])('of podman know repositories, the longest first: %s', async (path, expected) => {
    const auths = {
      'r.example': basic('host:host'),
      'r.example/a': basic('a:a'),
      'r.example/a/b': basic('b:b'),
      'r.example/a/b/c': basic('c:c'),
    };
    write('run/containers/auth.json', { auths });

    expect(plain(await source({ env: { XDG_RUNTIME_DIR: join(home, 'run') } }).find('r.example', path))).toBe(expected);
  });

  it('are looked at in their order, and the one that answered is named', async () => {
    const explicit = write('explicit.json', { auths: { one: basic('explicit:1') } });
    const docker = write('docker/config.json', { auths: { one: basic('docker:1'), two: basic('docker:2') } });
    const podman = write('.config/containers/auth.json', {
      auths: { two: basic('podman:2'), three: basic('podman:3') },
    });
    const found = source({ env: { REGISTRY_AUTH_FILE: explicit, DOCKER_CONFIG: join(home, 'docker') } });

    const answers = await Promise.all(['one', 'two', 'three', 'four'].map((host) => found.find(host, '')));

    expect(answers.map(plain)).toEqual(['explicit:1', 'docker:2', 'podman:3', null]);
    expect(answers.map((answer) => answer?.source)).toEqual([explicit, docker, podman, undefined]);
  });

  it('need not exist, unless one is named', async () => {
    expect(await source().find('r.example', '')).toBeNull();
    await expect(source({ env: { REGISTRY_AUTH_FILE: join(home, 'no') } }).find('r.example', '')).rejects.toMatchObject(
      {
        code: 'REGISTRY_CREDENTIALS',
      },
    );
  });

  it.each(['{"auths":', '[]', '"x"'])('that are broken are an error that does not quote them: %s', async (text) => {
    write('.docker/config.json', `${text}`);

    await expect(source().find('r.example', '')).rejects.toMatchObject({ code: 'REGISTRY_CREDENTIALS' });
    expect(() => parseAuthFile('{"auths": secret-in-broken-json', 'f')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('secret') as string }),
    );
  });

  it('are read again when the login was refused', async () => {
    write('.docker/config.json', { auths: { 'r.example': basic('u:old') } });
    const found = source();
    expect(plain(await found.find('r.example', ''))).toBe('u:old');
    write('.docker/config.json', { auths: { 'r.example': basic('u:new') } });

    expect(plain(await found.find('r.example', ''))).toBe('u:old');
    expect(plain(await found.find('r.example', '', true))).toBe('u:new');
  });
});

describe('credential helpers', () => {
  const answer = `echo '{"ServerURL":"x","Username":"h","Secret":"s3cret"}'`;

  it('of the host come before the common one, and both before the written login', async () => {
    helper('special', answer);
    helper('common', `echo '{"Username":"c","Secret":"c"}'`);
    const path = write('.docker/config.json', {
      auths: { 'a.example': basic('u:p'), 'b.example': basic('u:p') },
      credHelpers: { 'a.example': 'special' },
      credsStore: 'common',
    });

    const found = await source().find('a.example', 'app');

    expect([plain(found), found?.source]).toEqual(['h:s3cret', `docker-credential-special (${path})`]);
    expect(plain(await source().find('b.example', 'app'))).toBe('c:c');
    expect(asked()).toEqual(['get a.example', 'get b.example']);
  });

  it('that know no such server leave the word to the written login', async () => {
    helper('common', `echo 'credentials not found in native keychain'; exit 1`);
    write('.docker/config.json', { auths: { 'a.example': basic('u:p') }, credsStore: 'common' });

    expect(plain(await source().find('a.example', 'app'))).toBe('u:p');
    expect(await source().find('b.example', 'app')).toBeNull();
  });

  it('are asked for Docker Hub by the name that docker uses', async () => {
    helper('common', answer);
    write('.docker/config.json', { credsStore: 'common' });

    await source().find('docker.io', 'library/app');

    expect(asked()).toEqual(['get https://index.docker.io/v1/']);
  });

  it('are asked once by many, and once more when the answer was refused', async () => {
    helper('common', answer);
    write('.docker/config.json', { credsStore: 'common' });
    const found = source();

    await Promise.all(Array.from({ length: 8 }, () => found.find('a.example', 'app')));
    expect(asked()).toHaveLength(1);

    await found.find('a.example', 'app', true);
    expect(asked()).toHaveLength(2);
  });

  it('see of the environment only what they need', async () => {
    helper('common', `env > "${home}/env"\n${answer}`);
    write('.docker/config.json', { credsStore: 'common' });
    const env = { AWS_PROFILE: 'prod', GITHUB_TOKEN: 'gh', COSIGN_PASSWORD: 'cp', NPM_TOKEN: 'npm' };

    await source({ env }).find('a.example', 'app');

    const seen = readFileSync(join(home, 'env'), 'utf8');
    expect(seen).toContain('AWS_PROFILE=prod');
    expect(seen).not.toMatch(/GITHUB_TOKEN|COSIGN_PASSWORD|NPM_TOKEN/);
  });

  it.each([
    ['fails', 'echo "login expired" >&2; exit 3', 'failed (3): login expired'],
    ['says no JSON', 'echo hello s3cret', 'did not answer with JSON'],
    ['leaves out the secret', `echo '{"Username":"h"}'`, 'answered without Username and Secret'],
    ['says too much', 'yes s3cret | head -c 200000', 'failed'],
  ])('that %s are an error, and their answer is not shown', async (_name, script, message) => {
    helper('common', script);
    write('.docker/config.json', { credsStore: 'common' });

    const error = await source()
      .find('a.example', 'app')
      .catch((failure: unknown) => failure);

    expect(error).toMatchObject({ code: 'REGISTRY_CREDENTIALS', message: expect.stringContaining(message) as string });
    expect(String(error)).not.toContain('s3cret');
  });

  it('that are not installed are an error that says so', async () => {
    write('.docker/config.json', { credsStore: 'nowhere' });

    await expect(source().find('a.example', 'app')).rejects.toThrow('is not installed');
  });

  it.each(['../evil', 'a b', 'a;b', '', 'UP', '-x', '/bin/sh'])('have no name like %j', async (name) => {
    write('.docker/config.json', { credHelpers: { 'a.example': name } });

    const result = source().find('a.example', 'app');

    if (name === '') expect(await result).toBeNull();
    else await expect(result).rejects.toThrow('has a name that is not allowed');
  });
});

describe('Google application default credentials', () => {
  it.each(['gcr.io', 'eu.gcr.io', 'europe-docker.pkg.dev'])('serve %s', async (host) => {
    const found = await source({ googleToken: async () => 'ya29' }).find(host, 'project/app');

    expect(plain(found)).toBe('oauth2accesstoken:ya29');
    expect(found?.source).toBe('Google application default credentials');
  });

  it.each(['evilgcr.io', 'gcr.io.example.com', 'pkg.dev', 'localhost:5000', 'gcr.io:5000'])(
    'do not serve %s',
    async (host) => {
      expect(await source({ googleToken: async () => 'ya29' }).find(host, 'app')).toBeNull();
    },
  );

  it('come after the login files', async () => {
    write('.docker/config.json', { auths: { 'gcr.io': basic('u:p') } });

    expect(plain(await source({ googleToken: async () => 'ya29' }).find('gcr.io', 'app'))).toBe('u:p');
  });

  it('that fail are an error', async () => {
    const googleToken = async (): Promise<string> => Promise.reject(new Error('refresh failed'));

    await expect(source({ googleToken }).find('gcr.io', 'app')).rejects.toMatchObject({ code: 'REGISTRY_CREDENTIALS' });
  });
});
