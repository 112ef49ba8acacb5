// SPDX-License-Identifier: Apache-2.0
import { createHash, sign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForgedCertificate } from './forge.ts';
import { DEFAULT_SIGNER_EMAIL } from './oidc-issuer.ts';
import {
  hashedRekord,
  hashedRekordV2,
  keyPair,
  leafOf,
  post,
  requestCertificate,
  tlogEntryOf,
} from './sigstore-client.testing.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';

let sigstore: RunningSigstore;
let other: RunningSigstore;
beforeAll(async () => {
  [sigstore, other] = await Promise.all([startSigstore(), startSigstore()]);
});
afterAll(async () => {
  await Promise.all([sigstore.close(), other.close()]);
});

const ARTIFACT = Buffer.from('artifact');
const DIGEST = createHash('sha256').update(ARTIFACT).digest();
const MINUTE_MS = 60_000;

interface Material {
  readonly certificate: string;
  readonly signature: Buffer;
  readonly tlogEntries: readonly object[];
  readonly stamps?: readonly Buffer[];
}

/** What the reference verifier says of a message signature: the signer, or the code of its error. */
function verdict(material: Material, trusted: RunningSigstore = sigstore): unknown {
  const bundle = bundleFromJSON({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes: new X509Certificate(material.certificate).raw.toString('base64') },
      tlogEntries: material.tlogEntries,
      timestampVerificationData: {
        rfc3161Timestamps: (material.stamps ?? []).map((stamp) => ({ signedTimestamp: stamp.toString('base64') })),
      },
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest: DIGEST.toString('base64') },
      signature: material.signature.toString('base64'),
    },
  });
  const root = TrustedRoot.fromJSON(JSON.parse(readFileSync(trusted.files.trustedRoot, 'utf8')));
  try {
    const signer = new Verifier(toTrustMaterial(root)).verify(toSignedEntity(bundle, ARTIFACT));
    return signer.identity?.subjectAlternativeName;
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

const stampOf = async (signature: Buffer): Promise<Buffer> => {
  const artifactHash = createHash('sha256').update(signature).digest('base64');
  const request = { artifactHash, hashAlgorithm: 'sha256', certificates: true };
  return (await post(sigstore.tsaUrl, request)).bytes;
};

describe('the reference verifier accepts', () => {
  const keys = keyPair();
  const signature = sign('sha256', ARTIFACT, keys.privateKey);
  let certificate: string;
  beforeAll(async () => {
    const request = { token: sigstore.token(), subject: DEFAULT_SIGNER_EMAIL, keys };
    certificate = leafOf(await requestCertificate(sigstore.url, request));
  });

  it('a certificate of Fulcio with an entry of Rekor v1: SCT, SET, inclusion and checkpoint', async () => {
    const { body } = await post(`${sigstore.url}/api/v1/log/entries`, hashedRekord(ARTIFACT, signature, certificate));

    expect(verdict({ certificate, signature, tlogEntries: [tlogEntryOf(body)] })).toBe(DEFAULT_SIGNER_EMAIL);
  });

  it('an entry of Rekor v2 with a time stamp', async () => {
    const request = hashedRekordV2(ARTIFACT, signature, certificate);
    const { body } = await post(`${sigstore.url}/api/v2/log/entries`, request);

    const stamps = [await stampOf(signature)];

    expect(verdict({ certificate, signature, tlogEntries: [body], stamps })).toBe(DEFAULT_SIGNER_EMAIL);
  });

  it('every entry of a growing log, each with its proof', async () => {
    for (let count = 0; count < 12; count += 1) {
      const fresh = sign('sha256', ARTIFACT, keys.privateKey);
      const { body } = await post(`${sigstore.url}/api/v1/log/entries`, hashedRekord(ARTIFACT, fresh, certificate));
      const tlogEntries = [tlogEntryOf(body)];
      expect(verdict({ certificate, signature: fresh, tlogEntries }), `entry ${count}`).toBe(DEFAULT_SIGNER_EMAIL);
    }
  });

  it('nothing of it under the trusted root of another sigstore', async () => {
    const fresh = sign('sha256', ARTIFACT, keys.privateKey);
    const { body } = await post(`${sigstore.url}/api/v1/log/entries`, hashedRekord(ARTIFACT, fresh, certificate));

    const material = { certificate, signature: fresh, tlogEntries: [tlogEntryOf(body)] };

    expect(verdict(material, other)).toMatch(/_ERROR$/);
  });
});

describe('forged material is bad only in what it was forged for', () => {
  const keys = keyPair();
  const signature = sign('sha256', ARTIFACT, keys.privateKey);
  const seconds = (shiftMs: number): number => Math.floor((Date.now() + shiftMs) / 1000);
  const identity = { email: 'forged@devstack.example' } as const;
  const forge = (request: Partial<ForgedCertificate>, integratedTime: number): Material => {
    const [certificate] = sigstore.forge.certificate({ publicKey: keys.publicKey, identity, ...request });
    const entry = sigstore.forge.rekorV1Entry(hashedRekord(ARTIFACT, signature, certificate), { integratedTime });
    return { certificate, signature, tlogEntries: [tlogEntryOf(entry)] };
  };

  it('a certificate for anyone passes', () => {
    expect(verdict(forge({}, seconds(1000)))).toBe(identity.email);
  });

  it('one of last month passes with a promise of last month, and fails with one of today', () => {
    const notBefore = new Date(Date.now() - 30 * 24 * 60 * MINUTE_MS);
    const inside = Math.floor(notBefore.getTime() / 1000) + 60;

    expect(verdict(forge({ notBefore }, inside))).toBe(identity.email);
    expect(verdict(forge({ notBefore }, seconds(0)))).toBe('CERTIFICATE_ERROR');
  });

  it('one without SCT fails', () => {
    expect(verdict(forge({ withoutSct: true }, seconds(1000)))).toBe('CERTIFICATE_ERROR');
  });

  it('a time stamp outside of the certificate fails', () => {
    const { certificate } = forge({}, seconds(1000));
    const entry = sigstore.forge.rekorV2Entry({
      apiVersion: '0.0.2',
      kind: 'hashedrekord',
      spec: {
        hashedRekordV002: {
          data: { algorithm: 'SHA2_256', digest: DIGEST.toString('base64') },
          signature: {
            content: signature.toString('base64'),
            verifier: {
              keyDetails: 'PKIX_ECDSA_P256_SHA_256',
              x509Certificate: { rawBytes: new X509Certificate(certificate).raw.toString('base64') },
            },
          },
        },
      },
    });
    const at = (shiftMs: number): unknown => {
      const stamps = [sigstore.forge.timestamp(signature, new Date(Date.now() + shiftMs))];
      return verdict({ certificate, signature, tlogEntries: [entry], stamps });
    };

    expect(at(MINUTE_MS)).toBe(identity.email);
    expect(at(-MINUTE_MS)).toBe('CERTIFICATE_ERROR');
  });
});
