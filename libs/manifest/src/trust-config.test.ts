// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { placesOf } from '../test/tree-fixture.ts';
import { parseConfig } from './index.ts';

const HEAD = 'apiVersion: promograph/v1\n';
const WHO = '{ subject: release@example.org, issuer: https://accounts.example.org }';
const SIGNING = `${HEAD}signing:\n  canonical: registry.example.org/prod\n`;
const KEYLESS = `${SIGNING}  identity: ${WHO}\n`;

describe('settings of signing, gate and replication', () => {
  it('reads every key', async () => {
    const { config, findings } = await parseConfig(`${KEYLESS}  previousIdentities: [{ key: old.pem }]
  token: impersonate
  account: signer@example.org
  references: [{ contains: prod/images, to: images.example.org }]
  formats: [legacy, bundle]
  config: signing-config.json
  trustedRoots: [root.json, more.json]
  tuf: { mirror: "http://localhost:8080/tuf", root: root.json }
  tagless: false
  concurrency: 7
staging:
  signatures: require
  identities: [{ subject: { regexp: "(?i)ci-.*@example\\\\.org" }, issuer: https://accounts.example.org }]
attest:
  predicateType: https://example.org/promotion/v1
  verifierId: https://example.org/verifier
  summaries: on
  identity: { subject: summaries@example.org, issuer: https://accounts.example.org }
  account: summaries@example.org
scan:
  adapter: attestations
  threshold: 3
  fixableOnly: true
  maxAge: 12h
  identities: [{ key: scanner.pem }]
  endpoint: https://scans.example.org
  require: false
replicate: { referrers: false, concurrency: 3 }
`);

    expect(findings).toEqual([]);
    expect(config.signing).toEqual({
      identity: { subject: 'release@example.org', issuer: 'https://accounts.example.org' },
      previousIdentities: [{ key: 'old.pem' }],
      token: 'impersonate',
      tokenFile: null,
      account: 'signer@example.org',
      key: null,
      publicKey: null,
      canonical: 'registry.example.org/prod',
      references: [{ contains: 'prod/images', to: 'images.example.org' }],
      formats: ['legacy', 'bundle'],
      config: 'signing-config.json',
      trustedRoots: ['root.json', 'more.json'],
      tuf: { mirror: 'http://localhost:8080/tuf', root: 'root.json' },
      tagless: false,
      concurrency: 7,
    });
    expect(config.staging).toEqual({
      signatures: 'require',
      identities: [{ subject: { regexp: String.raw`(?i)ci-.*@example\.org` }, issuer: 'https://accounts.example.org' }],
    });
    expect(config.attest).toMatchObject({ summaries: 'on', account: 'summaries@example.org' });
    expect(config.scan).toMatchObject({ threshold: 3, maxAgeMs: 43_200_000, require: false, fixableOnly: true });
    expect(config.replicate).toEqual({ referrers: false, concurrency: 3 });
  });

  it('fills in the defaults of the sections that are there', async () => {
    const { config, findings } = await parseConfig(`${SIGNING}  key: cosign.key
scan: { adapter: containeranalysis }
replicate: { referrers: true }
`);

    expect(findings).toEqual([]);
    expect(config.signing).toMatchObject({ identity: null, formats: null, tagless: true, concurrency: 50, tuf: null });
    expect(config.scan).toMatchObject({ threshold: 4, fixableOnly: false, maxAgeMs: 604_800_000, require: true });
    expect(config.replicate).toEqual({ referrers: true, concurrency: 50 });
  });

  it('needs no path for a token in a file: there is one that runners use', async () => {
    const { config, findings } = await parseConfig(`${KEYLESS}  token: file\n`);
    expect([findings, config.signing?.tokenFile]).toEqual([[], null]);
  });

  it('neither signs nor gates where nothing is said of it', async () => {
    const { config } = await parseConfig(HEAD);

    expect(config).toMatchObject({ signing: null, scan: null, replicate: null });
    expect(config.staging).toEqual({ signatures: 'off', identities: [] });
    expect(config.attest).toMatchObject({
      predicateType: expect.stringMatching(/^https:/) as string,
      summaries: 'off',
    });
  });

  it.each([
    ['looks at signatures of the source where identities are named', `identities: [${WHO}]`, 'if-present'],
    ['goes by what is written', `identities: [${WHO}]\n  signatures: off`, 'off'],
  ])('%s', async (_name, staging, expected) => {
    expect((await parseConfig(`${HEAD}staging:\n  ${staging}\n`)).config.staging.signatures).toBe(expected);
  });

  it.each([
    ['UNKNOWN', 0],
    ['MINIMAL', 1],
    ['LOW', 2],
    ['MEDIUM', 3],
    ['HIGH', 4],
    ['CRITICAL', 5],
  ])('numbers severity %s as %d', async (name, expected) => {
    const { config } = await parseConfig(`${HEAD}scan: { adapter: containeranalysis, threshold: ${name} }\n`);
    expect(config.scan?.threshold).toBe(expected);
  });
});

describe('settings that cannot be used', () => {
  it.each([
    ['signing without a signer', SIGNING, ['signing-identity-missing 2:1']],
    ['signing without a canonical registry', `${HEAD}signing:\n  key: k\n`, ['missing-key 2:1']],
    ['two signers', `${KEYLESS}  key: k\n`, ['signing-conflict 5:3']],
    ['a key with a token', `${SIGNING}  key: k\n  token: env\n`, ['signing-conflict 5:3']],
    ['an identity without a token', KEYLESS, ['missing-key 2:1']],
    ['an account that nobody impersonates', `${KEYLESS}  token: env\n  account: a\n`, ['signing-conflict 6:3']],
    ['impersonation of nobody', `${KEYLESS}  token: impersonate\n`, ['missing-key 5:3']],
    ['a file that is not read', `${KEYLESS}  token: env\n  tokenFile: t\n`, ['signing-conflict 6:3']],
    ['an unknown token', `${KEYLESS}  token: gitlab\n`, ['invalid-value 5:10']],
    ['half an identity', `${SIGNING}  identity: { subject: a }\n`, ['missing-key 4:3']],
    ['an unknown key of signing', `${SIGNING}  key: k\n  cannonical: x\n`, ['unknown-key 5:3']],
    ['a canonical registry with a scheme', `${HEAD}signing:\n  canonical: https://a.org\n`, ['invalid-value 3:14']],
    ['a canonical registry with a tag', `${HEAD}signing:\n  canonical: a.org/b:v1\n`, ['invalid-value 3:14']],
    ['an empty rule', `${SIGNING}  references: [{ contains: "", to: a.org }]\n`, ['invalid-value 4:28']],
    ['a rule that keeps a slash', `${SIGNING}  references: [{ contains: b/, to: a.org }]\n`, ['invalid-value 4:28']],
    ['half a rule', `${SIGNING}  references: [{ contains: b }]\n`, ['missing-key 4:16']],
    ['no format', `${SIGNING}  formats: []\n`, ['invalid-value 4:12']],
    [
      'legacy alone beside attestations',
      `${SIGNING}  key: k\n  formats: [legacy]\nattest: { summaries: off }\n`,
      ['signing-formats 5:3'],
    ],
    ['a mirror without TLS', `${SIGNING}  tuf: { mirror: "http://a.org", root: r }\n`, ['invalid-value 4:18']],
    ['required signatures of nobody', `${HEAD}staging: { signatures: require }\n`, ['missing-key 2:12']],
    ['a signer that is nobody', `${HEAD}staging: { identities: [{}] }\n`, ['signer-incomplete 2:25']],
    ['a key with a name', `${HEAD}staging: { identities: [{ key: k, issuer: i }] }\n`, ['signer-incomplete 2:25']],
    [
      'a misspelt regexp',
      `${HEAD}staging: { identities: [{ subject: { regex: a }, issuer: i }] }\n`,
      ['missing-key 2:27', 'unknown-key 2:38'],
    ],
    ['a number for a name', `${HEAD}staging: { identities: [{ subject: 7, issuer: i }] }\n`, ['invalid-value 2:36']],
    [
      'a back-reference',
      `${HEAD}staging: { identities: [{ subject: a, issuer: { regexp: '(a)\\1' } }] }\n`,
      ['regexp-invalid 2:49'],
    ],
    ['summaries of no verifier', `${HEAD}attest: { summaries: on }\n`, ['missing-key 2:11']],
    ['a verifier that is no URI', `${HEAD}attest: { verifierId: me }\n`, ['invalid-value 2:23']],
    [
      'another signer without impersonation',
      `${KEYLESS}  token: env\nattest: { identity: { subject: b, issuer: c } }\n`,
      ['signing-conflict 6:11'],
    ],
    [
      'another signer without an account',
      `${KEYLESS}  token: impersonate\n  account: a\nattest: { identity: { subject: b, issuer: c } }\n`,
      ['missing-key 7:11'],
    ],
    [
      'an account of summaries without impersonation',
      `${KEYLESS}  token: env\nattest: { account: a }\n`,
      ['signing-conflict 6:11'],
    ],
    ['a public key beside an identity', `${KEYLESS}  token: env\n  publicKey: a.pub\n`, ['signing-conflict 6:3']],
    ['a public key that nobody signs for', `${SIGNING}  publicKey: a.pub\n`, ['signing-identity-missing 2:1']],
    ['scans that nobody attests to', `${HEAD}scan: { adapter: attestations }\n`, ['missing-key 2:9']],
    ['a scan by nothing', `${HEAD}scan: { threshold: LOW }\n`, ['missing-key 2:1']],
    ['an unknown severity', `${HEAD}scan: { adapter: containeranalysis, threshold: BAD }\n`, ['invalid-value 2:48']],
    [
      'a severity beyond the last',
      `${HEAD}scan: { adapter: containeranalysis, threshold: 6 }\n`,
      ['invalid-value 2:48'],
    ],
    ['a time without a unit', `${HEAD}scan: { adapter: containeranalysis, maxAge: 7 }\n`, ['invalid-value 2:45']],
    ['a time in weeks', `${HEAD}scan: { adapter: containeranalysis, maxAge: 2w }\n`, ['invalid-value 2:45']],
    ['no copy at once', `${HEAD}replicate: { concurrency: 0 }\n`, ['invalid-value 2:27']],
  ])('refuses %s', async (_name, text, places) => {
    const { config, findings } = await parseConfig(text);

    expect(placesOf(findings)).toEqual(places);
    expect(config.signing).toBeNull();
  });

  it('reads the public key beside the private one', async () => {
    const { config, findings } = await parseConfig(`${SIGNING}  key: cosign.key\n  publicKey: cosign.pub\n`);

    expect(findings).toEqual([]);
    expect(config.signing).toMatchObject({ key: 'cosign.key', publicKey: 'cosign.pub', identity: null });
  });

  it('says what to set where signing has no signer', async () => {
    const { findings } = await parseConfig(SIGNING);

    expect(findings[0]?.hint).toContain('signing.identity');
    expect(findings[0]?.hint).toContain('signing.key');
  });

  it('names the key that was probably meant inside a list', async () => {
    const { findings } = await parseConfig(`${HEAD}staging: { identities: [{ subjet: a, issuer: b }] }\n`);
    expect(findings[0]?.hint).toBe('Did you mean "subject"?');
  });
});
