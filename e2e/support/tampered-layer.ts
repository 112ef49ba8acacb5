// SPDX-License-Identifier: Apache-2.0
import type { RunningSigstore } from '@promograph/devstack';
import type { SignedPayload } from '@promograph/signing';

/** The annotation of a `.sig` layer that holds its log entry. */
const LOG_ENTRY = 'dev.sigstore.cosign/bundle';

interface Entry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly verification: { readonly signedEntryTimestamp: string };
}

/** A body of kind hashedrekord. */
export interface HashedRekord {
  readonly spec: {
    readonly data: { readonly hash: { readonly algorithm: string; readonly value: string } };
    readonly signature: { readonly content: string; readonly publicKey: { readonly content: string } };
  };
}

/** What is changed of a log entry before it is logged again, with the log's genuine promise. */
export interface Relogging {
  readonly body?: (body: HashedRekord) => object;
  /** Unix seconds. */
  readonly integratedTime?: number;
}

/** The layer with another log entry. */
export function relogged(
  sigstore: RunningSigstore,
  layer: SignedPayload,
  { body, integratedTime }: Relogging,
): SignedPayload {
  const { Payload } = JSON.parse(layer.annotations[LOG_ENTRY] ?? '') as { readonly Payload: Entry };
  const logged = JSON.parse(Buffer.from(Payload.body, 'base64').toString()) as HashedRekord;
  const answer = sigstore.forge.rekorV1Entry(
    body?.(logged) ?? logged,
    integratedTime === undefined ? {} : { integratedTime },
  );
  const { verification, ...payload } = Object.values(answer)[0] as Entry;
  const entry = { SignedEntryTimestamp: verification.signedEntryTimestamp, Payload: payload };
  return { ...layer, annotations: { ...layer.annotations, [LOG_ENTRY]: JSON.stringify(entry) } };
}

/** The layer without its log entry. */
export function unlogged(layer: SignedPayload): SignedPayload {
  const annotations = Object.entries(layer.annotations).filter(([name]) => name !== LOG_ENTRY);
  return { ...layer, annotations: Object.fromEntries(annotations) };
}
