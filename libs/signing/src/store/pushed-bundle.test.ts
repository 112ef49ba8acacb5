// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { startSigstore } from '@promograph/devstack';
import { type Digest, digestOf, printRepository } from '@promograph/oci';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSigningKey } from '../sign/signing-key.ts';
import { testSigner, trustedRootOf } from '../sign/signing-world.testing.ts';
import { SIGN_PREDICATE_TYPE } from '../statement.ts';
import type { Verdict } from '../verdict.ts';
import { createExaminer } from '../verify/create-examiner.ts';
import { judgeImage } from '../verify/judge-image.ts';
import { storeWorld } from './store-world.testing.ts';

const keyPair = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemOf = ({ publicKey }: KeyPairKeyObjectResult): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();

describe('a bundle that was signed with a key and pushed', () => {
  it('81. verifies with the public key for its digest, and for no other digest or key', async () => {
    const [sigstore, world] = [await startSigstore(), await storeWorld()];
    onTestFinished(() => sigstore.close());
    const [own, other] = [keyPair(), keyPair()];
    const key = await readSigningKey(own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), null);
    const [ownKey, otherKey] = [pemOf(own), pemOf(other)];
    const examiner = createExaminer({ trustedRoots: [trustedRootOf(sigstore)], keys: [ownKey, otherKey] });
    const signer = testSigner(sigstore, { rest: { signatory: { kind: 'key', key }, examiner } });
    const reference = printRepository(world.repository);
    const subject = { name: reference, digest: { sha256: world.subject.digest.slice('sha256:'.length) } };
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [subject],
      predicateType: SIGN_PREDICATE_TYPE,
      predicate: {},
    };
    const { bundle } = await signer.signStatement(Buffer.from(JSON.stringify(statement)));
    await world.store.attachBundle(world.repository, world.subject, {
      bytes: bundle,
      predicateType: SIGN_PREDICATE_TYPE,
    });

    const request = { signatures: true, attestations: true, referrers: true };
    const evidence = await world.store.gather(world.repository, world.subject.digest, request);
    const examinations = await Promise.all(evidence.pieces.map((piece) => examiner.examine(piece, reference)));
    /** As if it had been found beside that digest. */
    const judged = (digest: Digest, publicKeyPem: string): Verdict => {
      const expectation = { subject: digest, signers: [{ kind: 'key' as const, publicKeyPem }], reference };
      return judgeImage(examinations, { ...evidence, subject: digest }, expectation);
    };

    expect(judged(world.subject.digest, ownKey)).toMatchObject({ kind: 'verified', code: null });
    expect(judged(digestOf('another image'), ownKey)).toMatchObject({ kind: 'failed', code: 'STMT_SUBJECT' });
    expect(judged(world.subject.digest, otherKey)).toMatchObject({ kind: 'untrusted', code: 'SIG_KEY' });
  });
});
