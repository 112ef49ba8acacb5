// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore, startSigstore } from '@promograph/devstack';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArguments } from './support/conformance/read-arguments.ts';
import { verifyBundle } from './support/conformance/verify-bundle.ts';

const CASES = fileURLToPath(new URL('../../shared/corpus/sigstore-bundles', import.meta.url));
const CLIENT = fileURLToPath(new URL('conformance-client', import.meta.url));
const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main';
const ISSUER = 'https://token.actions.githubusercontent.com';

const sha256 = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** The suite's arguments for one case; `asDigest` gives the artifact's digest in place of the file. */
function verifyArguments(name: string, asDigest: boolean): string[] {
  const directory = join(CASES, name);
  const text = (file: string, fallback: string): string =>
    existsSync(join(directory, file)) ? readFileSync(join(directory, file), 'utf8').trim() : fallback;
  const path = (file: string, fallback: string): string =>
    existsSync(join(directory, file)) ? join(directory, file) : join(CASES, fallback);
  const artifact = path('artifact', 'a.txt');
  const signer = existsSync(join(directory, 'key.pub'))
    ? ['--key', join(directory, 'key.pub')]
    : ['--certificate-identity', text('identity', IDENTITY), '--certificate-oidc-issuer', text('issuer', ISSUER)];
  return [
    ...['verify-bundle', '--bundle', join(directory, 'bundle.sigstore.json'), ...signer],
    ...['--trusted-root', path('trusted_root.json', 'prod_trusted_root.json')],
    asDigest ? sha256(readFileSync(artifact)) : artifact,
  ];
}

async function refusalOf(args: readonly string[]): Promise<string | null> {
  const command = readArguments(args);
  if (command.name !== 'verify-bundle') throw new Error(JSON.stringify(command));
  return verifyBundle(command);
}

// The corpus is optional: without it there is nothing to verify, which is said and not passed over.
if (!existsSync(CASES)) {
  it('the corpus is not here: not run', () => {
    console.log('e2e: ../shared/corpus is not here: no case of the sigstore conformance suite was verified');
  });
} else {
  const names = readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'bundle.sigstore.json')));

  describe.each([
    ['a file', false],
    ['a digest', true],
  ])('each conformance case is verified as its name says, given %s', (_given, asDigest) => {
    it.each(names)('%s', async (name) => {
      const refusal = await refusalOf(verifyArguments(name, asDigest));

      if (name.endsWith('_fail')) expect(refusal).not.toBeNull();
      else expect(refusal).toBeNull();
    });
  });

  it('what is accepted is refused for another identity, issuer, key or artifact', async () => {
    const keyless = verifyArguments('happy-path-v0.3-new-mediaType', false);
    const keyed = verifyArguments('managed-key-and-trusted-root', false);
    const swap = (args: readonly string[], from: string, to: string): string[] =>
      args.map((arg) => (arg === from ? to : arg));

    expect(await refusalOf(swap(keyless, IDENTITY, `${IDENTITY}x`))).toContain('signed by');
    expect(await refusalOf(swap(keyless, ISSUER, `${ISSUER}.example`))).toContain('signed by');
    expect(await refusalOf([...keyless.slice(0, -1), CLIENT])).toContain('SIG_CRYPTO');
    expect(await refusalOf([...keyed.slice(0, -1), CLIENT])).toContain('SIG_CRYPTO');
    expect(readArguments([...keyless, '--key', 'key.pub'])).toMatchObject({ name: 'usage' });
  });

  it('a log whose key has no start of validity in the trusted root proves nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'promograph-conformance-'));
    const args = verifyArguments('happy-path-v0.3-new-mediaType', false);
    const root = readFileSync(join(CASES, 'prod_trusted_root.json'), 'utf8');
    const path = join(directory, 'trusted_root.json');
    writeFileSync(path, root.replaceAll(/"validFor": \{\s*"start": "2021-01-12T11:53:27Z"\s*\}/g, '"validFor": {}'));

    expect(readFileSync(path, 'utf8')).not.toBe(root);
    const changed = args.map((arg) => (arg.endsWith('prod_trusted_root.json') ? path : arg));
    expect(await refusalOf(changed)).toContain('SIG_LOG_BODY');
    rmSync(directory, { recursive: true });
  });

  it('the program says so by its exit code', async () => {
    const run = (args: readonly string[]) => execa(CLIENT, [...args], { reject: false });
    const results = await Promise.all([
      run(verifyArguments('happy-path-v0.1', false)),
      run(verifyArguments('signature-mismatch_fail', false)),
      run(['verify-bundle']),
    ]);

    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 1, 2]);
  });
}

describe('the program signs', () => {
  let sigstore: RunningSigstore;
  let directory: string;
  beforeAll(async () => {
    sigstore = await startSigstore();
    directory = mkdtempSync(join(tmpdir(), 'promograph-conformance-'));
  });
  afterAll(async () => {
    await sigstore.close();
    rmSync(directory, { recursive: true });
  });

  const statement = (artifact: Buffer): string =>
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'artifact', digest: { sha256: sha256(artifact).slice('sha256:'.length) } }],
      predicateType: 'https://example.org/built/v1',
      predicate: {},
    });

  it.each([
    ['a file, in Rekor v1', 'signingConfig', false],
    ['a file, in Rekor v2', 'signingConfigRekorV2', false],
    ['a statement, in Rekor v1', 'signingConfig', true],
    ['a statement, in Rekor v2', 'signingConfigRekorV2', true],
  ] as const)('%s, and verifies what it signed', async (name, config, isStatement) => {
    const file = (suffix: string): string => join(directory, `${name.replaceAll(/\W+/g, '-')}.${suffix}`);
    const artifact = Buffer.from(name);
    writeFileSync(file('txt'), artifact);
    writeFileSync(file('json'), statement(artifact));
    const trust = ['--trusted-root', sigstore.files.trustedRoot];
    const run = (args: readonly string[]) => execa(CLIENT, [...args], { reject: false });
    const signed = await run([
      ...['sign-bundle', ...(isStatement ? ['--in-toto'] : []), '--identity-token', sigstore.token()],
      ...['--bundle', file('bundle'), ...trust, '--signing-config', sigstore.files[config]],
      file(isStatement ? 'json' : 'txt'),
    ]);
    const verify = (email: string) =>
      run([
        ...['verify-bundle', '--bundle', file('bundle'), '--certificate-identity', email],
        ...['--certificate-oidc-issuer', sigstore.url, ...trust, file('txt')],
      ]);

    expect([signed.stderr, signed.exitCode]).toEqual(['', 0]);
    expect((await verify(DEFAULT_SIGNER_EMAIL)).exitCode).toBe(0);
    expect((await verify('stranger@devstack.example')).exitCode).toBe(1);
  });
});
