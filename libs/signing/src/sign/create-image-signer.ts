// SPDX-License-Identifier: Apache-2.0
import { dsse } from '@sigstore/core';
import type { Examiner } from '../examiner.ts';
import type { ImageSigner, SignedPayload, SignedStatement, SignerCounts } from '../image-signer.ts';
import { SigningError } from '../signing-error.ts';
import { STATEMENT_PAYLOAD_TYPE } from '../statement.ts';
import type { LogEntry } from './log-entry.ts';
import { bundlePiece, checkOwn, signaturePiece } from './self-check.ts';
import { signatureAnnotations } from './signature-annotations.ts';
import { SigningEngine, type SigningEngineOptions } from './signing-engine.ts';
import { envelopeJson, statementBundle } from './signed-bundle.ts';

/** What a signer of images is made of. */
export interface ImageSignerOptions extends SigningEngineOptions {
  /** Must trust what the services answer: nothing is returned that it does not verify. */
  readonly examiner: Examiner;
}

/** A signer for one identity or key. Error `SIGNING_CONFIG` when its signatures could never be verified. */
export function createImageSigner(options: ImageSignerOptions): ImageSigner {
  return new WitnessedImageSigner(options);
}

class WitnessedImageSigner implements ImageSigner {
  readonly canSignPayloads: boolean;
  readonly #options: ImageSignerOptions;
  readonly #engine: SigningEngine;

  constructor(options: ImageSignerOptions) {
    this.#options = options;
    this.#engine = new SigningEngine(options);
    this.canSignPayloads = options.services.logs.some(({ version }) => version === 1);
  }

  prepare(signal?: AbortSignal): Promise<void> {
    return this.#engine.prepare(signal);
  }

  async signPayload(payload: Buffer, signal?: AbortSignal): Promise<SignedPayload> {
    const { services, examiner } = this.#options;
    const log = services.logs.find(({ version }) => version === 1);
    if (log === undefined) throw legacyUnsupported();
    const finish = (content: Parameters<typeof signatureAnnotations>[0]): SignedPayload => ({
      bytes: payload,
      annotations: signatureAnnotations(content),
      log: logReference(content.entries),
    });
    return this.#engine.sign(
      {
        request: { bytes: payload, envelopeOf: null, logs: [log] },
        finish,
        check: ({ annotations }, principal) => checkOwn(signaturePiece(payload, annotations), { examiner, principal }),
      },
      signal,
    );
  }

  async signStatement(statement: Buffer, signal?: AbortSignal): Promise<SignedStatement> {
    const { services, examiner } = this.#options;
    return this.#engine.sign(
      {
        request: {
          bytes: dsse.preAuthEncoding(STATEMENT_PAYLOAD_TYPE, statement),
          envelopeOf: (signature) => envelopeJson(statement, signature),
          logs: services.logs,
        },
        finish: (content) => ({ bundle: statementBundle(statement, content), log: logReference(content.entries) }),
        check: ({ bundle }, principal) => checkOwn(bundlePiece(bundle), { examiner, principal }),
      },
      signal,
    );
  }

  counts(): SignerCounts {
    return this.#engine.counts();
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function logReference([entry]: readonly LogEntry[]): SignedPayload['log'] {
  if (entry === undefined) return null;
  return { logId: Buffer.from(entry.logId.keyId).toString('hex'), logIndex: Number(entry.logIndex) };
}

function legacyUnsupported(): SigningError {
  return new SigningError('SIGNING_LEGACY_UNSUPPORTED', 'the .sig layout needs a Rekor v1 log', {
    hint: 'Leave legacy out of signing.formats, or name a Rekor v1 log in the signing config.',
  });
}
