// SPDX-License-Identifier: Apache-2.0
import { dsse } from '@sigstore/core';
import pLimit from 'p-limit';
import type { Examiner } from '../examiner.ts';
import type { ImageSigner, SignedPayload, SignedStatement, SignerCounts } from '../image-signer.ts';
import { SigningError } from '../signing-error.ts';
import { STATEMENT_PAYLOAD_TYPE } from '../statement.ts';
import type { LogEntry } from './log-entry.ts';
import { type MaterialHolder, type Signatory, materialOf } from './material-of.ts';
import { bundlePiece, checkOwn, signaturePiece } from './self-check.ts';
import type { ServiceClient } from './service-client.ts';
import { signAndWitness, type WitnessedContent, type WitnessRequest, type WitnessWorld } from './sign-and-witness.ts';
import { signatureAnnotations } from './signature-annotations.ts';
import { checkServices, type SigningServices } from './signing-services.ts';
import { envelopeJson, statementBundle } from './statement-bundle.ts';

/** What a signer is made of. */
export interface ImageSignerOptions {
  readonly signatory: Signatory;
  readonly services: SigningServices;
  /** Stays the caller's to close. */
  readonly client: ServiceClient;
  /** Must trust what the services answer: nothing is returned that it does not verify. */
  readonly examiner: Examiner;
  /** Signatures under way at once. Default 50. */
  readonly maxInFlight?: number;
  readonly epochMs?: () => number;
}

const MAX_IN_FLIGHT = 50;

/** A signer for one identity or key. Error `SIGNING_CONFIG` when its signatures could never be verified. */
export function createImageSigner(options: ImageSignerOptions): ImageSigner {
  checkServices(options.services, options.signatory.kind === 'keyless');
  return new WitnessedSigner(options);
}

/** One thing to sign: what the witnesses see, what becomes of their answers, and how that is checked. */
interface Task<T> {
  readonly request: Pick<WitnessRequest, 'bytes' | 'envelopeOf' | 'logs'>;
  readonly finish: (content: WitnessedContent) => T;
  readonly pieceOf: (result: T) => Parameters<Examiner['examine']>[0];
}

class WitnessedSigner implements ImageSigner {
  readonly canSignPayloads: boolean;
  readonly #options: ImageSignerOptions;
  readonly #holder: MaterialHolder;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #closing = new AbortController();
  #logEntries = 0;
  #timestamps = 0;

  constructor(options: ImageSignerOptions) {
    const { client, services, signatory, epochMs = Date.now } = options;
    this.#options = options;
    this.canSignPayloads = services.logs.some(({ version }) => version === 1);
    this.#limit = pLimit(options.maxInFlight ?? MAX_IN_FLIGHT);
    const { signal } = this.#closing;
    this.#holder = materialOf(signatory, { client, authority: services.certificateAuthority, epochMs, signal });
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    await this.#holder.current(this.#until(signal));
  }

  signPayload(payload: Buffer, signal?: AbortSignal): Promise<SignedPayload> {
    const log = this.#options.services.logs.find(({ version }) => version === 1);
    if (log === undefined) return Promise.reject(legacyUnsupported());
    const task: Task<SignedPayload> = {
      request: { bytes: payload, envelopeOf: null, logs: [log] },
      finish: (content) => ({
        bytes: payload,
        annotations: signatureAnnotations(content),
        log: logReference(content.entries),
      }),
      pieceOf: ({ annotations }) => signaturePiece(payload, annotations),
    };
    return this.#limit(() => this.#run(task, this.#until(signal)));
  }

  signStatement(statement: Buffer, signal?: AbortSignal): Promise<SignedStatement> {
    const task: Task<SignedStatement> = {
      request: {
        bytes: dsse.preAuthEncoding(STATEMENT_PAYLOAD_TYPE, statement),
        envelopeOf: (signature) => envelopeJson(statement, signature),
        logs: this.#options.services.logs,
      },
      finish: (content) => ({ bundle: statementBundle(statement, content), log: logReference(content.entries) }),
      pieceOf: ({ bundle }) => bundlePiece(bundle),
    };
    return this.#limit(() => this.#run(task, this.#until(signal)));
  }

  counts(): SignerCounts {
    const { tokens, certificates } = this.#holder.counts();
    return { tokens, certificates, logEntries: this.#logEntries, timestamps: this.#timestamps };
  }

  async close(): Promise<void> {
    this.#closing.abort(new SigningError('SIGNING_CONFIG', 'the signer is closed'));
  }

  async #run<T>(task: Task<T>, signal: AbortSignal): Promise<T> {
    const { client, services, examiner } = this.#options;
    const world: WitnessWorld = {
      client,
      onLogEntry: () => (this.#logEntries += 1),
      onTimestamp: () => (this.#timestamps += 1),
    };
    for (let isSecond = false; ; isSecond = true) {
      signal.throwIfAborted();
      const material = await this.#holder.current(signal);
      const { timestampAuthorities } = services;
      const content = await signAndWitness({ ...task.request, material, timestampAuthorities, signal }, world);
      const result = task.finish(content);
      const check = { examiner, principal: this.#holder.principal };
      if ((await checkOwn(task.pieceOf(result), check)) === 'right') return result;
      if (isSecond) throw witnessedTooLate();
      this.#holder.discard(material);
    }
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
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

function witnessedTooLate(): SigningError {
  return new SigningError('SIGNING_SELF_CHECK', 'twice, the witnesses saw the signature outside its validity', {
    retryable: true,
    hint: 'Look at the clocks of the services and of this machine, and how long the log takes.',
  });
}
