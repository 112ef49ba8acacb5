// SPDX-License-Identifier: Apache-2.0
import pLimit from 'p-limit';
import type { SignerCounts } from '../image-signer.ts';
import { SigningError } from '../signing-error.ts';
import { type MaterialHolder, type Signatory, materialOf } from './material-of.ts';
import type { OwnPrincipal } from './self-check.ts';
import type { ServiceClient } from './service-client.ts';
import { signAndWitness, type WitnessedContent, type WitnessRequest, type WitnessWorld } from './sign-and-witness.ts';
import { checkServices, type SigningServices } from './signing-services.ts';

/** What signers of every kind are made of. */
export interface SigningEngineOptions {
  readonly signatory: Signatory;
  readonly services: SigningServices;
  /** Stays the caller's to close. */
  readonly client: ServiceClient;
  /** Signatures under way at once. Default 50. */
  readonly maxInFlight?: number;
  readonly epochMs?: () => number;
}

/** One thing to sign: what the witnesses see, what becomes of their answers, and how that is checked. */
export interface SigningTask<T> {
  readonly request: Pick<WitnessRequest, 'bytes' | 'envelopeOf' | 'logs'>;
  readonly finish: (content: WitnessedContent) => T;
  /** `late`: a witness saw it outside the certificate's validity. Throws for all else that is wrong. */
  readonly check: (result: T, principal: OwnPrincipal) => Promise<'right' | 'late'>;
}

const MAX_IN_FLIGHT = 50;

/** Signs, has it witnessed and checks it, so many at once; once more with a fresh certificate when a witness was late. */
export class SigningEngine {
  readonly #options: SigningEngineOptions;
  readonly #holder: MaterialHolder;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #closing = new AbortController();
  readonly #world: WitnessWorld;
  #logEntries = 0;
  #timestamps = 0;

  /** Error `SIGNING_CONFIG` when its signatures could never be verified. */
  constructor(options: SigningEngineOptions) {
    const { client, services, signatory, epochMs = Date.now } = options;
    checkServices(services, signatory.kind === 'keyless');
    this.#options = options;
    this.#limit = pLimit(options.maxInFlight ?? MAX_IN_FLIGHT);
    const { signal } = this.#closing;
    this.#holder = materialOf(signatory, { client, authority: services.certificateAuthority, epochMs, signal });
    this.#world = {
      client,
      onLogEntry: () => (this.#logEntries += 1),
      onTimestamp: () => (this.#timestamps += 1),
    };
  }

  async prepare(signal?: AbortSignal): Promise<void> {
    await this.#holder.current(this.#until(signal));
  }

  sign<T>(task: SigningTask<T>, signal?: AbortSignal): Promise<T> {
    return this.#limit(() => this.#run(task, this.#until(signal)));
  }

  counts(): SignerCounts {
    const { tokens, certificates } = this.#holder.counts();
    return { tokens, certificates, logEntries: this.#logEntries, timestamps: this.#timestamps };
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#closing.abort(new SigningError('SIGNING_SERVICE', 'the signer is closed'));
  }

  async #run<T>(task: SigningTask<T>, signal: AbortSignal): Promise<T> {
    const { timestampAuthorities } = this.#options.services;
    for (let isSecond = false; ; isSecond = true) {
      signal.throwIfAborted();
      const material = await this.#holder.current(signal);
      const request = { ...task.request, material, timestampAuthorities, signal };
      const result = task.finish(await signAndWitness(request, this.#world));
      if ((await task.check(result, this.#holder.principal)) === 'right') return result;
      if (isSecond) throw witnessedTooLate();
      this.#holder.discard(material);
    }
  }

  #until(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
  }
}

function witnessedTooLate(): SigningError {
  return new SigningError('SIGNING_SELF_CHECK', 'twice, the witnesses saw the signature outside its validity', {
    retryable: true,
    hint: 'Look at the clocks of the services and of this machine, and how long the log takes.',
  });
}
