// SPDX-License-Identifier: Apache-2.0
import { isPromographError } from '@promograph/errors';
import { SigningError } from '../signing-error.ts';
import { createCertificateHolder } from './certificate-holder.ts';
import type { OwnPrincipal } from './self-check.ts';
import type { ServiceClient } from './service-client.ts';
import { requestCertificate, type IssuedCertificate, type SignerIdentity } from './signing-certificate.ts';
import type { SigningKey } from './signing-key.ts';
import type { MaterialSource } from './signing-material.ts';
import type { TokenSource } from './token-source.ts';

/** Signs as an identity, with certificates. */
export interface KeylessSignatory {
  readonly kind: 'keyless';
  readonly identity: SignerIdentity;
  readonly tokens: TokenSource;
}

/** Signs with a key of its own. */
export interface KeySignatory {
  readonly kind: 'key';
  readonly key: SigningKey;
}

/** Who signs. */
export type Signatory = KeylessSignatory | KeySignatory;

/** Material, whose it is, and what it took to get it. */
export interface MaterialHolder extends MaterialSource {
  readonly principal: OwnPrincipal;
  counts(): { readonly tokens: number; readonly certificates: number };
}

/** What certificates are got with. */
export interface MaterialWorld {
  readonly client: ServiceClient;
  readonly authority: URL | null;
  readonly epochMs: () => number;
  /** Aborts when the signer is closed. */
  readonly signal: AbortSignal;
}

/** The material of a signatory: a key for ever, or certificates one after the other. */
export function materialOf(signatory: Signatory, world: MaterialWorld): MaterialHolder {
  if (signatory.kind === 'keyless') return keylessMaterial(signatory, world);
  const { key } = signatory;
  return {
    principal: { kind: 'key', hint: key.verifier.hint },
    current: async () => key,
    discard: () => undefined,
    counts: () => ({ tokens: 0, certificates: 0 }),
  };
}

function keylessMaterial({ identity, tokens }: KeylessSignatory, world: MaterialWorld): MaterialHolder {
  const { client, authority, epochMs, signal } = world;
  if (authority === null) throw new SigningError('SIGNING_CONFIG', 'no certificate authority to sign with');
  const before = tokens.obtained();
  let certificates = 0;
  let refusal: Error | null = null;
  const issue = async (): Promise<IssuedCertificate> => {
    // Who is refused as the wrong signer stays it: hundreds of others need not ask again.
    if (refusal !== null) throw refusal;
    try {
      const token = await tokens.token(signal);
      const certificate = await requestCertificate({ authority, client, token, identity, signal });
      certificates += 1;
      return certificate;
    } catch (error) {
      if (isPromographError(error, 'SIGNING_IDENTITY')) refusal = error;
      throw error;
    }
  };
  return {
    ...createCertificateHolder({ issue, epochMs }),
    principal: { kind: 'certificate', identity },
    counts: () => ({ tokens: tokens.obtained() - before, certificates }),
  };
}
