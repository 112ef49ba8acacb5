// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import type { EvidencePiece } from '../evidence.ts';
import type { Examination } from '../examination.ts';
import type { Examiner } from '../examiner.ts';
import type { SignerPrincipal } from '../expected-signer.ts';
import { SigningError } from '../signing-error.ts';
import type { SignerIdentity } from './signing-certificate.ts';

/** Who must have signed. */
export type OwnPrincipal =
  { readonly kind: 'certificate'; readonly identity: SignerIdentity } | { readonly kind: 'key'; readonly hint: string };

/** What is checked of our own work, and by whom. */
export interface SelfCheck {
  readonly examiner: Examiner;
  readonly principal: OwnPrincipal;
}

const REPOSITORY = 'own/signature';

/** A signature that was just made, as if it had been read. */
export function signaturePiece(bytes: Buffer, annotations: Readonly<Record<string, string>>): EvidencePiece {
  const layer = digestOf(bytes);
  return { layout: 'sig', manifest: layer, layer, annotations, bytes };
}

/** A bundle that was just made, as if it had been read. */
export function bundlePiece(bytes: Buffer): EvidencePiece {
  const layer = digestOf(bytes);
  return {
    layout: 'bundle',
    manifest: layer,
    manifestBytes: Buffer.alloc(0),
    layer,
    annotatedType: null,
    bytes,
  };
}

/**
 * Looks at our own signature as any verifier would. `late`: a witness saw it outside the certificate's validity, and
 * another try may help. Error `SIGNING_SELF_CHECK` for everything else that is wrong.
 */
export async function checkOwn(piece: EvidencePiece, { examiner, principal }: SelfCheck): Promise<'right' | 'late'> {
  const examination = await examiner.examine(piece, REPOSITORY);
  if (examination.status === 'verified' && isOurs(examination.signer, principal)) return 'right';
  if (examination.status !== 'verified' && examination.code === 'SIG_TIME') return 'late';
  throw new SigningError('SIGNING_SELF_CHECK', `the new signature does not verify: ${reasonOf(examination)}`, {
    hint: 'Look whether the trusted root and the signing config name the same services.',
  });
}

function isOurs(signer: SignerPrincipal | null, principal: OwnPrincipal): boolean {
  if (signer?.kind === 'certificate' && principal.kind === 'certificate') {
    return signer.subject === principal.identity.subject && signer.issuer === principal.identity.issuer;
  }
  return signer?.kind === 'key' && principal.kind === 'key' && signer.hint === principal.hint;
}

function reasonOf({ status, code, message }: Examination): string {
  return status === 'verified' ? 'it is by another signer' : `${message} (${code ?? status})`;
}
