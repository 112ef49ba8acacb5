// SPDX-License-Identifier: Apache-2.0
import type { ExpectedSigner, NamePattern } from '@promograph/signing';
import type { PromotedImage } from './verify-image.ts';

/** A ready `cosign verify` command for an image at its repository. */
export function cosignLine({ repository, digest }: PromotedImage, signer: ExpectedSigner, keyFile: string): string {
  const who =
    signer.kind === 'key'
      ? ['--key', quoted(keyFile)]
      : [...flag('--certificate-identity', signer.subject), ...flag('--certificate-oidc-issuer', signer.issuer)];
  return ['cosign', 'verify', ...who, `${repository}@${digest}`].join(' ');
}

function flag(name: string, pattern: NamePattern): string[] {
  return typeof pattern === 'string' ? [name, quoted(pattern)] : [`${name}-regexp`, quoted(`^(?:${pattern.regexp})$`)];
}

/** Quoted for a POSIX shell where it needs to be. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
