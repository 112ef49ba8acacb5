// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import type { IdentitySetting, SignerSetting } from '@promograph/manifest';
import type { ExpectedSigner } from '@promograph/signing';
import { PromoterError } from '../promoter-error.ts';

/** Signers as the configuration names them; key files are read, relative to `configDir`. */
export function expectedSigners(settings: readonly SignerSetting[], configDir: string): readonly ExpectedSigner[] {
  return settings.map((setting) =>
    'key' in setting
      ? { kind: 'key', publicKeyPem: readSettingFile(resolve(configDir, setting.key), 'the public key') }
      : { kind: 'identity', subject: setting.subject, issuer: setting.issuer },
  );
}

/** The one identity that signs. */
export function expectedIdentity({ subject, issuer }: IdentitySetting): ExpectedSigner {
  return { kind: 'identity', subject, issuer };
}

/** Text of a file that the configuration names. Error: `PROMOTER_INVALID_INPUT`. */
function readSettingFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PromoterError('PROMOTER_INVALID_INPUT', `cannot read ${what} ${path}: ${errorMessage(cause)}`, { cause });
  }
}

/** PEM of the keys among `signers`. */
export function keysOf(signers: readonly ExpectedSigner[]): readonly string[] {
  return signers.flatMap((signer) => (signer.kind === 'key' ? [signer.publicKeyPem] : []));
}
