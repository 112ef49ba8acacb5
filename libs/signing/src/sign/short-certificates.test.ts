// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_SIGNER_EMAIL, startSigstore } from '@promograph/devstack';
import { describe, expect, it } from 'vitest';
import { createExaminer } from '../verify/create-examiner.ts';
import { createImageSigner } from './create-image-signer.ts';
import { bundlePiece } from './self-check.ts';
import { servicesOf, STATEMENT, testClient, trustedRootOf } from './signing-world.testing.ts';
import { createTokenSource } from './token-source.ts';

const SIGNATURES = 40;
/** All clocks of the test run this much faster than the machine's. */
const SPEED = 2;

describe('certificates of 8 seconds and a log that takes 2', () => {
  it('leave no signature that does not verify', async () => {
    const start = Date.now();
    const now = (): number => start + (Date.now() - start) * SPEED;
    const sigstore = await startSigstore({ now, certificateLifetimeMs: 8000, latency: { rekorV1Ms: 2000 / SPEED } });
    const client = testClient();
    try {
      const identity = { subject: DEFAULT_SIGNER_EMAIL, issuer: sigstore.url };
      const env = { SIGSTORE_ID_TOKEN: sigstore.token() };
      const { subject } = identity;
      const tokens = createTokenSource({ kind: 'env' }, { client, subject, env, epochMs: now });
      const trust = { trustedRoots: [trustedRootOf(sigstore)] };
      const signer = createImageSigner({
        signatory: { kind: 'keyless', identity, tokens },
        services: servicesOf(sigstore),
        client,
        examiner: createExaminer(trust),
        maxInFlight: 8,
        epochMs: now,
      });
      const statements = Array.from({ length: SIGNATURES }, (_, at) => `${STATEMENT.toString()}${' '.repeat(at)}`);
      const signed = await Promise.all(statements.map((statement) => signer.signStatement(Buffer.from(statement))));
      const examiner = createExaminer(trust);
      const found = await Promise.all(signed.map(({ bundle }) => examiner.examine(bundlePiece(bundle), 'any/where')));

      expect(found.filter(({ status }) => status !== 'verified')).toEqual([]);
      expect(found).toHaveLength(SIGNATURES);
      expect(signer.counts().certificates).toBeGreaterThan(1);
      expect(signer.counts().certificates).toBe(sigstore.counts().certificates);
      expect(signer.counts().logEntries).toBe(sigstore.counts().rekorV1Entries);
    } finally {
      await client.close();
      await sigstore.close();
    }
  });
});
