// SPDX-License-Identifier: Apache-2.0
import { digestOf } from '@promograph/oci';
import type { EvidencePiece } from '../evidence.ts';
import type { Examiner } from '../examiner.ts';
import type { SignerPrincipal } from '../expected-signer.ts';
import { SigningError } from '../signing-error.ts';
import type { VerdictCode } from '../verdict.ts';
import type { SignerIdentity } from './signing-certificate.ts';

/** Who must have signed. */
export type OwnPrincipal =
  { readonly kind: 'certificate'; readonly identity: SignerIdentity } | { readonly kind: 'key'; readonly hint: string };

/** What is checked of our own work, and by whom. */
export interface SelfCheck {
  readonly examiner: Examiner;
  readonly principal: OwnPrincipal;
}

/** What a verifier says of it. `code` is null exactly when it verifies. */
export interface OwnFinding {
  readonly code: VerdictCode | null;
  readonly message: string;
  readonly signer: SignerPrincipal | null;
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

/** Looks at our own signature as any verifier would, and judges what it finds as `judgeOwn` does. */
export async function checkOwn(piece: EvidencePiece, { examiner, principal }: SelfCheck): Promise<'right' | 'late'> {
  const { status, code, message, signer } = await examiner.examine(piece, REPOSITORY);
  return judgeOwn({ code: status === 'verified' ? null : (code ?? 'SIG_CRYPTO'), message, signer }, principal);
}

/**
 * `late`: a witness saw it outside the certificate's validity, and another try may help. Error `SIGNING_SELF_CHECK` for
 * everything else that is wrong, a signer that is not ours included.
 */
export function judgeOwn({ code, message, signer }: OwnFinding, principal: OwnPrincipal): 'right' | 'late' {
  if (code === null && isOurs(signer, principal)) return 'right';
  if (code === 'SIG_TIME') return 'late';
  const reason = code === null ? 'it is by another signer' : `${message} (${code})`;
  throw new SigningError('SIGNING_SELF_CHECK', `the new signature does not verify: ${reason}`, {
    hint: 'Look whether the trusted root and the signing config name the same services.',
  });
}

function isOurs(signer: SignerPrincipal | null, principal: OwnPrincipal): boolean {
  if (signer?.kind === 'certificate' && principal.kind === 'certificate') {
    return signer.subject === principal.identity.subject && signer.issuer === principal.identity.issuer;
  }
  return signer?.kind === 'key' && principal.kind === 'key' && signer.hint === principal.hint;
}
