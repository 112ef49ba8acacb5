// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dsse, json } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from './json-fields.ts';
import { hashedRekord, hashedRekordV2, keyPair, post } from './sigstore-client.testing.ts';
import { type RunningSigstore, startSigstore } from './start-sigstore.ts';

let sigstore: RunningSigstore;
beforeAll(async () => {
  sigstore = await startSigstore();
});
afterAll(async () => {
  await sigstore.close();
});

const { publicKey, privateKey } = keyPair();
const PEM = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const ARTIFACT = Buffer.from('artifact');
const signed = (data: Buffer | string): Buffer => sign('sha256', Buffer.from(data), privateKey);
const propose = (entry: object) => post(`${sigstore.url}/api/v1/log/entries`, entry);
const proposeV2 = (entry: object) => post(`${sigstore.url}/api/v2/log/entries`, entry);
const entryOf = (body: JsonObject): JsonObject => Object.values(body)[0] as JsonObject;

const dsseProposal = (signature: Buffer, payload = '{}'): JsonObject => {
  const envelope = {
    payloadType: 'application/vnd.in-toto+json',
    payload: Buffer.from(payload).toString('base64'),
    signatures: [{ keyid: '', sig: signature.toString('base64') }],
  };
  const proposedContent = {
    envelope: JSON.stringify(envelope),
    verifiers: [Buffer.from(PEM).toString('base64')],
  };
  return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } };
};
const pae = (payload: string): Buffer => dsse.preAuthEncoding('application/vnd.in-toto+json', Buffer.from(payload));

describe('Rekor v1', () => {
  it('logs a hashedrekord and signs a promise over it', async () => {
    const { status, body, headers } = await propose(hashedRekord(ARTIFACT, signed(ARTIFACT), PEM));
    const { verification, ...promised } = entryOf(body);
    const { signedEntryTimestamp } = verification as { signedEntryTimestamp: string };
    const logKey = createPublicKey(readFileSync(sigstore.files.rekorPublicKey));

    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/log/entries/${Object.keys(body)[0]}`);
    const promise = Buffer.from(json.canonicalize(promised));
    expect(verify('sha256', promise, logKey, Buffer.from(signedEntryTimestamp, 'base64'))).toBe(true);
    expect(sigstore.entries().at(-1)).toMatchObject({
      log: 'rekor-v1',
      kind: 'hashedrekord',
      digest: createHash('sha256').update(ARTIFACT).digest('hex'),
      verifier: PEM,
    });
  });

  it('answers 409 and the place of an entry that is there already, which can be read by both of its names', async () => {
    const proposal = hashedRekord(ARTIFACT, signed(ARTIFACT), PEM);
    const { body } = await propose(proposal);
    const again = await propose(proposal);
    const { logIndex } = entryOf(body);
    const [uuid = ''] = Object.keys(body);
    const read = async (path: string): Promise<unknown> => {
      const found = (await (await fetch(sigstore.url + path)).json()) as JsonObject;
      return { uuid: Object.keys(found)[0], logIndex: entryOf(found)['logIndex'] };
    };

    expect([again.status, again.headers.get('location')]).toEqual([409, `/api/v1/log/entries/${uuid}`]);
    for (const path of [`/${uuid}`, `/${uuid.slice(16)}`, `?logIndex=${String(logIndex)}`]) {
      expect(await read(`/api/v1/log/entries${path}`), path).toEqual({ uuid, logIndex });
    }
  });

  it('logs a DSSE envelope', async () => {
    const proposal = dsseProposal(signed(pae('{"a":1}')), '{"a":1}');

    expect((await propose(proposal)).status).toBe(201);
    expect(sigstore.entries().at(-1)).toMatchObject({
      kind: 'dsse',
      digest: createHash('sha256').update('{"a":1}').digest('hex'),
      verifier: PEM,
    });
  });

  it.each<[string, () => object]>([
    ['a signature over another artifact', () => hashedRekord(ARTIFACT, signed('another'), PEM)],
    ['a signature by another key', () => hashedRekord(ARTIFACT, sign('sha256', ARTIFACT, keyPair().privateKey), PEM)],
    ['a signature that is none', () => hashedRekord(ARTIFACT, Buffer.from('x'), PEM)],
    ['a verifier that is none', () => hashedRekord(ARTIFACT, signed(ARTIFACT), 'nobody')],
    ['an envelope signed over its bare payload', () => dsseProposal(signed('{}'))],
    ['an envelope signed over another payload', () => dsseProposal(signed(pae('{"a":1}')))],
    ['an envelope signed by another key', () => dsseProposal(sign('sha256', pae('{}'), keyPair().privateKey))],
    ['a kind that it does not know', () => ({ apiVersion: '0.0.1', kind: 'rekord', spec: {} })],
    ['an empty object', () => ({})],
  ])('refuses %s and logs nothing', async (_name, proposal) => {
    const before = sigstore.counts().rekorV1Entries;

    expect((await propose(proposal())).status).toBe(400);
    expect(sigstore.counts().rekorV1Entries).toBe(before);
  });

  it('refuses an envelope without signatures, and one with a second signature that fits no verifier', async () => {
    const envelope = (signatures: readonly Buffer[]): object => {
      const { spec } = dsseProposal(Buffer.alloc(0)) as { spec: { proposedContent: { envelope: string } } };
      const text = JSON.parse(spec.proposedContent.envelope) as object;
      const replaced = { ...text, signatures: signatures.map((sig) => ({ sig: sig.toString('base64') })) };
      const proposedContent = { ...spec.proposedContent, envelope: JSON.stringify(replaced) };
      return { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } };
    };

    expect((await propose(envelope([]))).status).toBe(400);
    expect((await propose(envelope([signed(pae('{}')), signed('junk')]))).status).toBe(400);
  });

  it('knows nothing of an entry that is not there', async () => {
    const status = async (path: string): Promise<number> => (await fetch(sigstore.url + path)).status;

    expect(await status(`/api/v1/log/entries/${'0'.repeat(64)}`)).toBe(404);
    expect(await status('/api/v1/log/entries?logIndex=99999')).toBe(404);
  });
});

describe('Rekor v2', () => {
  const certificate = (): string =>
    sigstore.forge.certificate({ publicKey, identity: { email: 'a@devstack.example' } })[0];

  it('logs a hashedrekord and answers 409 when it comes again', async () => {
    const request = hashedRekordV2(ARTIFACT, signed(ARTIFACT), certificate());

    expect((await proposeV2(request)).status).toBe(201);
    expect((await proposeV2(request)).status).toBe(409);
    expect(sigstore.counts().rekorV2Entries).toBe(1);
    expect(sigstore.entries().at(-1)).toMatchObject({
      log: 'rekor-v2',
      digest: createHash('sha256').update(ARTIFACT).digest('hex'),
    });
  });

  it.each<[string, () => object]>([
    ['a signature over another artifact', () => hashedRekordV2(ARTIFACT, signed('another'), certificate())],
    [
      'a signature by another key',
      () => hashedRekordV2(ARTIFACT, sign('sha256', ARTIFACT, keyPair().privateKey), certificate()),
    ],
    ['a DSSE request', () => ({ dsseRequestV002: { envelope: {}, verifiers: [] } })],
  ])('refuses %s and logs nothing', async (_name, request) => {
    const before = sigstore.counts().rekorV2Entries;

    expect((await proposeV2(request())).status).toBe(400);
    expect(sigstore.counts().rekorV2Entries).toBe(before);
  });
});
