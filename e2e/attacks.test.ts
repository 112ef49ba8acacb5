// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from 'node:crypto';
import { buildImage } from '@promograph/devstack';
import { digestOf } from '@promograph/oci';
import {
  judgeSummary,
  SIGN_PREDICATE_TYPE,
  type SignedPayload,
  simpleSigningPayload,
  SUMMARY_PREDICATE_TYPE,
} from '@promograph/signing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EvidenceLab, type LabImage, OTHER_ISSUER, OWN_EMAIL } from './support/evidence-lab.ts';
import { type HashedRekord, relogged, unlogged } from './support/tampered-layer.ts';
import { openTrustingCosign, type TrustingCosign } from './support/trusting-cosign.ts';

const SLSA = 'https://slsa.dev/provenance/v1';
const OTHER_DIGEST = digestOf('another image');
const STRANGER = 'stranger@devstack.example';
const HOUR_SECONDS = 3600;

let lab: EvidenceLab;
let cosign2: TrustingCosign;
let cosign3: TrustingCosign;
let image: LabImage;
beforeAll(async () => {
  lab = await EvidenceLab.open();
  [cosign2, cosign3] = await Promise.all([
    openTrustingCosign('cosign2', lab.sigstore),
    openTrustingCosign('cosign3', lab.sigstore),
  ]);
});
afterAll(async () => {
  await Promise.all([lab.close(), cosign2.close(), cosign3.close()]);
});
beforeEach(async () => {
  image = await lab.image();
});

interface Words {
  readonly type?: string;
  readonly name?: string;
  readonly digest?: string;
  readonly predicate?: object;
}

const statementOf = ({ type = SIGN_PREDICATE_TYPE, name, digest, predicate = {} }: Words): Buffer => {
  const subject = [{ name: name ?? image.name, digest: { sha256: (digest ?? image.digest).slice('sha256:'.length) } }];
  return Buffer.from(
    JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType: type, predicate }),
  );
};
const layerBy = (
  email: string,
  payload = simpleSigningPayload(image.name, image.digest),
  issuer?: string,
): Promise<SignedPayload> => lab.signer(email, issuer).signPayload(payload);
const bundleBy = async (email: string, words: Words = {}, issuer?: string): Promise<Buffer> =>
  (await lab.signer(email, issuer).signStatement(statementOf(words))).bundle;
const ownLayer = (): Promise<SignedPayload> => layerBy(OWN_EMAIL);
const add = async (layer: SignedPayload | Promise<SignedPayload>): Promise<void> => lab.addLayer(image, await layer);
const attach = async (bundle: Buffer | Promise<Buffer>, type = SIGN_PREDICATE_TYPE): Promise<void> =>
  lab.attach(image, await bundle, type);
const secondsAgo = (seconds: number): number => Math.floor(Date.now() / 1000) - seconds;

function otherKey(body: HashedRekord): object {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const content = Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })).toString('base64');
  return { ...body, spec: { ...body.spec, signature: { ...body.spec.signature, publicKey: { content } } } };
}

function otherContent(body: HashedRekord): object {
  const hash = { ...body.spec.data.hash, value: OTHER_DIGEST.slice('sha256:'.length) };
  return { ...body, spec: { ...body.spec, data: { hash } } };
}

function signedTwice(bundle: Buffer): Buffer {
  const json = JSON.parse(bundle.toString()) as { dsseEnvelope: { signatures: object[] } };
  json.dsseEnvelope.signatures.push(...json.dsseEnvelope.signatures);
  return Buffer.from(JSON.stringify(json));
}

describe('what is wrong in our name is refused', () => {
  it.each<[string, string, () => Promise<void>]>([
    [
      'a payload for another digest',
      'SIG_PAYLOAD_DIGEST',
      () => add(layerBy(OWN_EMAIL, simpleSigningPayload(image.name, OTHER_DIGEST))),
    ],
    [
      'a docker-reference of another registry',
      'SIG_REFERENCE',
      () => add(layerBy(OWN_EMAIL, simpleSigningPayload('evil.example/app', image.digest))),
    ],
    [
      'a payload that was changed',
      'SIG_CRYPTO',
      async () => add({ ...(await ownLayer()), bytes: simpleSigningPayload(image.name, OTHER_DIGEST) }),
    ],
    [
      'a log entry naming another key',
      'SIG_LOG_KEY',
      async () => add(relogged(lab.sigstore, await ownLayer(), { body: otherKey })),
    ],
    [
      'a log entry of other content',
      'SIG_LOG_BODY',
      async () => add(relogged(lab.sigstore, await ownLayer(), { body: otherContent })),
    ],
    [
      'a log promise before the certificate',
      'SIG_TIME',
      async () => add(relogged(lab.sigstore, await ownLayer(), { integratedTime: secondsAgo(HOUR_SECONDS) })),
    ],
    [
      'a log promise after the certificate',
      'SIG_TIME',
      async () => add(relogged(lab.sigstore, await ownLayer(), { integratedTime: secondsAgo(-HOUR_SECONDS) })),
    ],
    ['neither log promise nor timestamp', 'SIG_TIME', async () => add(unstamped(unlogged(await ownLayer())))],
    [
      'a predicate type only in the annotation',
      'STMT_TYPE',
      () => attach(bundleBy(OWN_EMAIL, { type: SLSA }), SIGN_PREDICATE_TYPE),
    ],
    ['two DSSE signatures', 'DSSE_SIGNATURES', async () => attach(signedTwice(await bundleBy(OWN_EMAIL)))],
    ['a subject of another digest', 'STMT_SUBJECT', () => attach(bundleBy(OWN_EMAIL, { digest: OTHER_DIGEST }))],
  ])('%s: %s', async (_name, code, plant) => {
    await plant();

    expect(await lab.judge(image)).toMatchObject({ kind: 'failed', code });
  });

  const unstamped = (layer: SignedPayload): SignedPayload => {
    const annotations = Object.entries(layer.annotations).filter(([name]) => !name.endsWith('rfc3161timestamp'));
    return { ...layer, annotations: Object.fromEntries(annotations) };
  };

  it('our own bundle replayed into another repository, which cosign 3 accepts: SIG_REFERENCE', async () => {
    const built = buildImage({ layers: [{ seed: 'replayed', sizeBytes: 10 }] });
    const [honest, other] = [await lab.push('replayed-a', built), await lab.push('replayed-b', built)];
    image = honest;
    const bundle = await bundleBy(OWN_EMAIL);
    await lab.attach(honest, bundle, SIGN_PREDICATE_TYPE);
    await lab.attach(other, bundle, SIGN_PREDICATE_TYPE);

    expect((await cosign3.verifying('verify', ...cosign3.identity(OWN_EMAIL), other.reference)).exitCode).toBe(0);
    expect((await lab.judge(honest)).kind).toBe('verified');
    expect(await lab.judge(other)).toMatchObject({ kind: 'failed', code: 'SIG_REFERENCE' });
  });

  it('a docker-reference of another registry, which both cosigns accept', async () => {
    await add(layerBy(OWN_EMAIL, simpleSigningPayload('evil.example/app', image.digest)));

    for (const cosign of [cosign2, cosign3]) {
      const { exitCode, stderr } = await cosign.verifying('verify', ...cosign.identity(OWN_EMAIL), image.reference);
      expect(exitCode, stderr).toBe(0);
    }
    expect(await lab.judge(image)).toMatchObject({ kind: 'failed', code: 'SIG_REFERENCE' });
  });

  it('a FAILED summary, which cosign 3 takes for a signature: VSA_FAILED', async () => {
    const resourceUri = image.reference;
    const predicate = { verifier: { id: 'https://verifier.example' }, resourceUri, verificationResult: 'FAILED' };
    await attach(bundleBy(OWN_EMAIL, { type: SUMMARY_PREDICATE_TYPE, predicate }), SUMMARY_PREDICATE_TYPE);
    const [summary] = await lab.examine(image);
    if (summary === undefined) throw new Error('the summary is not there');
    const expected = { ...lab.expectation(image), resourceUri, verifierId: 'https://verifier.example' };

    expect((await cosign3.verifying('verify', ...cosign3.identity(OWN_EMAIL), image.reference)).exitCode).toBe(0);
    expect(await lab.judge(image)).toMatchObject({ kind: 'absent', pieces: [] });
    expect(judgeSummary(summary, expected)).toMatchObject({ kind: 'failed', code: 'VSA_FAILED' });
  });

  it('provenance of ours as a signature, which cosign 3 takes for one', async () => {
    await attach(bundleBy(OWN_EMAIL, { type: SLSA }), SLSA);

    expect((await cosign3.verifying('verify', ...cosign3.identity(OWN_EMAIL), image.reference)).exitCode).toBe(0);
    expect(await lab.judge(image)).toMatchObject({ kind: 'absent', pieces: [] });
  });

  it('evidence past a limit, which must not hide what is behind it: EVIDENCE_LIMIT', async () => {
    await add(ownLayer());
    await Promise.all([1, 2, 3].map(async (number) => attach(Buffer.from(JSON.stringify({ number })))));
    const limited = lab.storeWith({ referrers: 2 });

    expect((await lab.judge(image)).kind).toBe('verified');
    expect(await lab.judge(image, { store: limited })).toMatchObject({ kind: 'failed', code: 'EVIDENCE_LIMIT' });
  });
});

describe('what a stranger plants is untrusted and stops nothing', () => {
  it.each<[string, string, string, string?]>([
    ['anybody else', 'SIG_IDENTITY', STRANGER],
    ['an identity where a dot stands for any character', 'SIG_IDENTITY', OWN_EMAIL.replace('.', 'x')],
    ['an identity with a prefix', 'SIG_IDENTITY', `x${OWN_EMAIL}`],
    ['an identity with a suffix', 'SIG_IDENTITY', `${OWN_EMAIL}.attacker.example`],
    ['the right identity from the wrong issuer', 'SIG_ISSUER', OWN_EMAIL, OTHER_ISSUER],
  ])('by %s: %s', async (_name, code, email, issuer) => {
    await add(layerBy(email, undefined, issuer));
    await attach(bundleBy(email, {}, issuer));
    const planted = await lab.judge(image);

    expect(planted).toMatchObject({ kind: 'untrusted', code });
    expect(planted.pieces.map(({ kind }) => kind)).toEqual(['untrusted', 'untrusted']);

    await add(ownLayer());
    expect((await lab.judge(image)).kind).toBe('verified');
  });

  it('even where it makes cosign 3 refuse an image that we signed', async () => {
    await add(ownLayer());
    await attach(bundleBy(STRANGER, { type: SLSA }), SLSA);

    expect((await cosign3.verifying('verify', ...cosign3.identity(OWN_EMAIL), image.reference)).exitCode).not.toBe(0);
    expect((await lab.judge(image)).kind).toBe('verified');
  });

  it('and so is what another sigstore signed: nobody at hand knows it', async () => {
    const other = await EvidenceLab.open();
    const strange = await other.signer(STRANGER).signPayload(simpleSigningPayload(image.name, image.digest));
    await add(strange);
    await other.close();

    expect(await lab.judge(image)).toMatchObject({ kind: 'unverifiable', code: 'SIG_CHAIN' });
  });
});
