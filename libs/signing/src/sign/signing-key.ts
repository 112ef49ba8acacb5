// SPDX-License-Identifier: Apache-2.0
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Secret } from '@promograph/errors';
import { SigningError } from '../signing-error.ts';
import { decryptCosignKey, isCosignKey } from './cosign-key-file.ts';
import type { KeyVerifier, SigningMaterial } from './signing-material.ts';

/** A key to sign with. The private part cannot be read from it. */
export interface SigningKey extends SigningMaterial {
  readonly verifier: KeyVerifier;
}

/**
 * Reads an ECDSA P-256 key: PEM (PKCS #8, encrypted or not, or SEC 1) or cosign's encrypted key file. The password of
 * cosign's own tools is `COSIGN_PASSWORD`; empty is a password too. Error `SIGNING_KEY`, without any part of the key.
 */
export async function readSigningKey(pem: string, password: Secret | null = null): Promise<SigningKey> {
  const privateKey = isCosignKey(pem)
    ? derKey(await decryptCosignKey(pem, password?.reveal() ?? ''))
    : pemKey(pem, password?.reveal());
  const curve = privateKey.asymmetricKeyDetails?.namedCurve ?? '';
  if (privateKey.asymmetricKeyType !== 'ec' || curve !== 'prime256v1') {
    const kind = [privateKey.asymmetricKeyType ?? 'unknown', curve].filter((part) => part !== '').join(' ');
    throw new SigningError('SIGNING_KEY', `the signing key is ${kind}, not ECDSA P-256`);
  }
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    sign: (bytes) => sign('sha256', bytes, privateKey),
    verifierPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    verifier: { kind: 'key', der, hint: createHash('sha256').update(der).digest('base64') },
  };
}

function pemKey(pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // OpenSSL's words help nobody, and may speak of the content.
    if (pem.includes('BEGIN PUBLIC KEY')) throw noPrivateKey();
    const isEncrypted = /ENCRYPTED/.test(pem);
    const what = isEncrypted
      ? 'the signing key cannot be decrypted with this password'
      : 'the signing key is no private key';
    throw new SigningError('SIGNING_KEY', what, isEncrypted ? { hint: 'Set COSIGN_PASSWORD.' } : {});
  }
}

function noPrivateKey(): SigningError {
  return new SigningError('SIGNING_KEY', 'the signing key is a public key', {
    hint: 'Name the private key in signing.key and the public one in signing.publicKey.',
  });
}

function derKey(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    throw new SigningError('SIGNING_KEY', 'the decrypted signing key is no PKCS #8 private key');
  }
}
