// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { AlreadyLoggedError, type LogEntry, type WitnessedSignature } from './log-entry.ts';
import { logToRekorV1 } from './rekor-v1.ts';
import { logToRekorV2 } from './rekor-v2.ts';
import type { ServiceClient } from './service-client.ts';
import type { SigningMaterial } from './signing-material.ts';
import type { LogService } from './signing-services.ts';
import { requestTimestamp } from './timestamp.ts';

/** The bytes to sign and who shall witness it. */
export interface WitnessRequest {
  readonly material: SigningMaterial;
  readonly bytes: Buffer;
  /** The envelope around a signature, where the log is told of the envelope. */
  readonly envelopeOf: ((signature: Buffer) => string) | null;
  readonly logs: readonly LogService[];
  readonly timestampAuthorities: readonly URL[];
  readonly signal?: AbortSignal | undefined;
}

/** A signature and what its witnesses said. */
export interface WitnessedContent {
  readonly material: SigningMaterial;
  readonly signature: Buffer;
  readonly entries: readonly LogEntry[];
  /** Timestamp responses (DER) over the signature. */
  readonly timestamps: readonly Buffer[];
}

/** Where services are and where what they gave is counted. */
export interface WitnessWorld {
  readonly client: ServiceClient;
  readonly onLogEntry: () => void;
  readonly onTimestamp: () => void;
}

/** New signatures that are tried where a log holds the same one already. */
const MOST_SIGNATURES = 3;

/** Signs once and asks all witnesses at the same time: together they take as long as the slowest. */
export async function signAndWitness(request: WitnessRequest, world: WitnessWorld): Promise<WitnessedContent> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await witnessOnce(request, world);
    } catch (error) {
      if (!(error instanceof AlreadyLoggedError) || tries === MOST_SIGNATURES) throw error;
    }
  }
}

async function witnessOnce(request: WitnessRequest, world: WitnessWorld): Promise<WitnessedContent> {
  const { material, bytes, signal } = request;
  const signature = material.sign(bytes);
  const witnessed: WitnessedSignature = {
    material,
    signature,
    digest: sha256(bytes),
    envelope: request.envelopeOf?.(signature) ?? null,
  };
  const entries = request.logs.map(async ({ url, version }) => {
    const write = version === 2 ? logToRekorV2 : logToRekorV1;
    const entry = await write(world.client, url, { witnessed, signal });
    world.onLogEntry();
    return entry;
  });
  const timestamps = request.timestampAuthorities.map(async (authority) => {
    const stamp = await requestTimestamp(world.client, authority, { digest: sha256(signature), signal });
    world.onTimestamp();
    return stamp;
  });
  // Nothing may be under way any more when this fails: its place is given to another.
  await Promise.allSettled([...entries, ...timestamps]);
  return {
    material,
    signature,
    entries: await Promise.all(entries),
    timestamps: await Promise.all(timestamps),
  };
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
