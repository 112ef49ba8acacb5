// SPDX-License-Identifier: Apache-2.0
import type { ImageSigner } from '@promograph/signing';

/**
 * What a run finds out before it writes anything: token, certificate, writable canonical registries. Done once, by whoever passes
 * first: before the first copy where something is copied, else before the first signature, so that a run that finds everything
 * signed asks for no certificate.
 */
export class Preflight {
  readonly #check: () => Promise<void>;
  #begun: Promise<void> | null = null;

  constructor(check: () => Promise<void>) {
    this.#check = check;
  }

  /** Rejects, for all, where the check fails. */
  pass(): Promise<void> {
    this.#begun ??= this.#check();
    return this.#begun;
  }

  /** The failure of a check that was done; resolves where none was. */
  async outcome(): Promise<void> {
    await this.#begun;
  }
}

/** A signer that signs nothing before the preflight was passed. */
export function signerAfter(preflight: Preflight, signer: ImageSigner): ImageSigner {
  return {
    canSignPayloads: signer.canSignPayloads,
    prepare: (signal) => signer.prepare(signal),
    signPayload: async (payload, signal) => {
      await preflight.pass();
      return signer.signPayload(payload, signal);
    },
    signStatement: async (statement, signal) => {
      await preflight.pass();
      return signer.signStatement(statement, signal);
    },
    counts: () => signer.counts(),
    close: () => signer.close(),
  };
}
