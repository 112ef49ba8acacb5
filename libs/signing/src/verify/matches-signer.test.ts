// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { ExpectedSigner, SignerPrincipal } from '../expected-signer.ts';
import { keySigner } from './forged-evidence.testing.ts';
import { matchesSigner, signerMismatch } from './matches-signer.ts';
import { publicKeyHint } from './trusted-key.ts';

const SUBJECT = 'signer@release.iam.example.org';
const ISSUER = 'https://accounts.example.org';
const certificate = (subject: string, issuer = ISSUER): SignerPrincipal => ({
  kind: 'certificate',
  subject,
  issuer,
  buildConfigUri: null,
});

describe('an exact signer', () => {
  const expected: ExpectedSigner = { kind: 'identity', subject: SUBJECT, issuer: ISSUER };

  it.each<[string, SignerPrincipal | null, string | null]>([
    ['is the very same', certificate(SUBJECT), null],
    ['is not one where a dot stands for any character', certificate('signer@releaseXiam.example.org'), 'SIG_IDENTITY'],
    ['is not one with a prefix', certificate(`x${SUBJECT}`), 'SIG_IDENTITY'],
    ['is not one with a suffix', certificate(`${SUBJECT}.attacker.example`), 'SIG_IDENTITY'],
    ['is not one in other case', certificate(SUBJECT.toUpperCase()), 'SIG_IDENTITY'],
    ['is not one with a line below', certificate(`${SUBJECT}\nx`), 'SIG_IDENTITY'],
    ['is not one of another issuer', certificate(SUBJECT, 'https://accounts.example.com'), 'SIG_ISSUER'],
    ['is not one of an issuer with a suffix', certificate(SUBJECT, `${ISSUER}.attacker.example`), 'SIG_ISSUER'],
    ['is no key', { kind: 'key', hint: SUBJECT }, 'SIG_IDENTITY'],
    ['is not nobody', null, 'SIG_IDENTITY'],
  ])('%s', (_name, principal, code) => {
    expect(signerMismatch(principal, expected)).toBe(code);
    expect(matchesSigner(principal, expected)).toBe(code === null);
  });
});

describe('a signer by regular expression', () => {
  const expected: ExpectedSigner = {
    kind: 'identity',
    subject: { regexp: 'signer@(release|build)\\.iam\\.example\\.org|root@.*' },
    issuer: { regexp: 'https://accounts\\.example\\.(org|net)' },
  };

  it.each<[string, SignerPrincipal, boolean]>([
    ['matches the whole name', certificate('signer@build.iam.example.org'), true],
    ['matches another branch', certificate('root@anywhere', 'https://accounts.example.net'), true],
    ['does not match within a longer name', certificate(`x${SUBJECT}`), false],
    ['does not match the front of a longer name', certificate(`${SUBJECT}.attacker.example`), false],
    ['does not match where a dot was escaped', certificate('signer@releaseXiam.example.org'), false],
    ['does not match past a line end', certificate(`${SUBJECT}\n`), false],
    ['needs the issuer too', certificate(SUBJECT, 'https://accounts.example.org.attacker.example'), false],
  ])('%s', (_name, principal, isExpected) => {
    expect(matchesSigner(principal, expected)).toBe(isExpected);
  });

  it('that is none is an error of the configuration', () => {
    const malformed: ExpectedSigner = { kind: 'identity', subject: { regexp: '((' }, issuer: ISSUER };

    expect(() => matchesSigner(certificate(SUBJECT), malformed)).toThrowError(
      expect.objectContaining({ code: 'SIGNING_CONFIG' }),
    );
  });
});

describe('a signer with a key', () => {
  const { verifierPem: publicKeyPem } = keySigner();
  const hint = publicKeyHint(publicKeyPem);
  const expected: ExpectedSigner = { kind: 'key', publicKeyPem };

  it('is the holder of that key and nobody else', () => {
    expect(matchesSigner({ kind: 'key', hint }, expected)).toBe(true);
    expect(signerMismatch({ kind: 'key', hint: publicKeyHint(keySigner().verifierPem) }, expected)).toBe('SIG_KEY');
    expect(signerMismatch(certificate(hint), expected)).toBe('SIG_KEY');
  });
});
