// SPDX-License-Identifier: Apache-2.0
import { parseConfig, type PromographConfig } from '@promograph/manifest';
import { describe, expect, it } from 'vitest';
import { type FakeAnswers, fakeWorld, type FakeWorld } from '../fake-context.testing.ts';
import { runCli } from '../run-cli.ts';

const GOOGLE = 'https://accounts.google.com';
const HEAD = 'apiVersion: promograph/v1\n';
const SIGNING = `${HEAD}signing:
  canonical: prod.example/app
  identity: { subject: file@example.org, issuer: https://accounts.example.org }
  token: impersonate
  account: file@example.org
`;

async function cip(text: string, flags: readonly string[], answers: FakeAnswers = {}): Promise<[number, FakeWorld]> {
  const { config, findings } = await parseConfig(text);
  expect(findings).toEqual([]);
  const world = fakeWorld({ ...answers, workspace: { config } });
  return [await runCli(['cip', '--thin-manifest-dir', 'tree', ...flags], world.context), world];
}

async function settingsOf(text: string, flags: readonly string[]): Promise<PromographConfig | undefined> {
  const [code, world] = await cip(text, flags);
  expect(code).toBe(0);
  return world.configs[0];
}

describe('flags of cip that concern signing', () => {
  it('sign and attest by default, as the file says who', async () => {
    const [code, world] = await cip(SIGNING, ['--confirm']);

    expect(code).toBe(0);
    expect(world.promotions).toMatchObject([{ confirm: true, through: 'attest' }]);
    expect(world.configs[0]?.signing).toMatchObject({ account: 'file@example.org', concurrency: 50 });
  });

  it('promote alone without --sign', async () => {
    const [code, world] = await cip(SIGNING, ['--confirm', '--sign=false']);

    expect([code, world.promotions[0]?.through]).toEqual([0, 'promote']);
  });

  it('answer 3 where nobody is configured to sign, and say what to set', async () => {
    const [code, world] = await cip(HEAD, ['--confirm']);

    expect(code).toBe(3);
    expect(world.stderr()).toContain('signing.canonical, signing.identity and signing.token');
    expect(world.promotions).toEqual([]);
  });

  it('need no signer for a dry run', async () => {
    expect((await cip(HEAD, []))[0]).toBe(0);
  });

  it('name another signer, of whom alone tokens are asked', async () => {
    const flags = ['--signer-account=a@b.iam.example', '--max-signature-ops', '5'];
    const config = await settingsOf(
      SIGNING.replace('token: impersonate\n  account: file@example.org', 'token: env'),
      flags,
    );

    expect(config?.signing).toMatchObject({
      identity: { subject: 'a@b.iam.example', issuer: GOOGLE },
      token: 'impersonate',
      account: 'a@b.iam.example',
      canonical: 'prod.example/app',
      concurrency: 5,
    });
  });

  it('write summaries by another signer', async () => {
    const flags = ['--verification-summaries', '--summary-signer-account=s@b.iam.example'];
    const config = await settingsOf(`${SIGNING}attest: { verifierId: "https://example.org/v" }\n`, flags);

    expect(config?.attest).toMatchObject({
      summaries: 'on',
      identity: { subject: 's@b.iam.example', issuer: GOOGLE },
      account: 's@b.iam.example',
    });
  });

  it('answer 3 for summaries of no verifier', async () => {
    const [code, world] = await cip(SIGNING, ['--verification-summaries']);

    expect(code).toBe(3);
    expect(world.stderr()).toContain('attest.verifierId');
  });

  it.each([
    [['--certificate-identity=x@y'], 'x@y', GOOGLE],
    [['--certificate-identity=x@y', '--certificate-identity-regexp=.*@y'], { regexp: '.*@y' }, GOOGLE],
    [['--certificate-identity=x', '--certificate-oidc-issuer=https://i.example'], 'x', 'https://i.example'],
    [['--certificate-identity=x', '--certificate-oidc-issuer-regexp=https://i.*'], 'x', { regexp: 'https://i.*' }],
  ])('accept on staging signatures what %j names', async (flags, subject, issuer) => {
    const config = await settingsOf(HEAD, flags);

    expect(config?.staging).toEqual({ signatures: 'if-present', identities: [{ subject, issuer }] });
  });

  it.each([
    ['an issuer without an identity', ['--certificate-oidc-issuer=x']],
    ['a regular expression that RE2 refuses', ['--certificate-identity-regexp=(?=a)']],
    ['a number of signatures that is none', ['--max-signature-ops=0']],
  ])('refuse %s', async (_name, flags) => {
    const [code, world] = await cip(HEAD, flags);

    expect([code, world.promotions]).toEqual([1, []]);
  });
});

describe('the scan of cip', () => {
  const gate = (refused: number): FakeAnswers => ({
    validate: () => [
      {
        formatVersion: '1.0',
        summary: { projects: 1, errors: 0, warnings: 0, baselined: 0 },
        findings: [],
        gate: {
          summary: { digests: 1, verified: 0, absent: 1, untrusted: 0, unverifiable: 0, failed: 0, refused },
          digests: [],
        },
      },
    ],
  });

  it.each([
    [0, 0],
    [1, 1],
  ])('asks the gate live and promotes nothing: %d refused is %d', async (refused, expected) => {
    const [code, world] = await cip(HEAD, ['--confirm', '--vuln-severity-threshold=4'], gate(refused));

    expect(code).toBe(expected);
    expect(world.validations).toEqual([{ live: true }]);
    expect(world.promotions).toEqual([]);
    expect(world.configs[0]?.scan).toMatchObject({ adapter: 'containeranalysis', threshold: 4, fixableOnly: true });
  });

  it('keeps what the file says of the scanner', async () => {
    const text = `${HEAD}scan: { adapter: containeranalysis, endpoint: "https://scans.example", fixableOnly: false }\n`;
    const [, world] = await cip(text, ['--confirm', '--vuln-severity-threshold=2'], gate(0));

    expect(world.configs[0]?.scan).toMatchObject({
      threshold: 2,
      endpoint: 'https://scans.example',
      fixableOnly: false,
    });
  });

  it.each([[['--vuln-severity-threshold=4']], [['--vuln-severity-threshold=0', '--confirm']]])(
    'scans nothing with %j',
    async (flags) => {
      const [code, world] = await cip(HEAD, flags);

      expect([code, world.validations, world.promotions]).toEqual([0, [], []]);
      expect(world.stderr()).toContain('nothing is scanned');
    },
  );
});

describe('cip replicate-signatures', () => {
  it.each([
    [[], { confirm: false, referrers: false, maxCopies: 50 }],
    [['--confirm', '--max-signature-copies=7'], { confirm: true, referrers: false, maxCopies: 7 }],
    [['--confirm=true', '--referrers'], { confirm: true, referrers: true, maxCopies: 50 }],
  ])('with %j replicates with %j', async (flags, expected) => {
    const world = fakeWorld({}, { PROMOGRAPH_CONFIRM: 'true' });

    const code = await runCli(['cip', 'replicate-signatures', '--thin-manifest-dir', 'tree', ...flags], world.context);

    expect([code, world.stdout()]).toEqual([0, '']);
    expect(world.replications).toEqual([expected]);
    expect(world.sessions[0]).toMatchObject({ treeDir: 'tree' });
  });

  it('is 1 without manifests', async () => {
    expect(await runCli(['cip', 'replicate-signatures'], fakeWorld().context)).toBe(1);
  });
});
