// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { type Artifact, matchesSigner, verifyArtifactBundle } from '@promograph/signing';
import { openTrust } from './open-trust.ts';
import type { VerifyCommand } from './read-arguments.ts';

/** Verifies a bundle; null where it holds, else why not. */
export async function verifyBundle(command: VerifyCommand): Promise<string | null> {
  const { signer, bundle } = command;
  await using open = openTrust(command);
  const result = verifyArtifactBundle(readFileSync(bundle), readArtifact(command.artifact), {
    trustedRoots: await open.trust.trustedRoots(),
    keys: signer.kind === 'key' ? [signer.publicKeyPem] : [],
  });
  if (result.code !== null) return `${result.code}: ${result.message}`;
  return matchesSigner(result.signer, signer) ? null : `signed by ${JSON.stringify(result.signer)}`;
}

/** A digest is one only where no file has its name. */
function readArtifact(text: string): Artifact {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(text)?.[1];
  return hex === undefined || existsSync(text) ? { bytes: readFileSync(text) } : { sha256: Buffer.from(hex, 'hex') };
}
