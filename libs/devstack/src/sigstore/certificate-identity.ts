// SPDX-License-Identifier: Apache-2.0
import type { CertificateExtension } from './certificate.ts';
import { der } from './der.ts';
import type { TokenClaims } from './identity-token.ts';
import { OID } from './object-identifiers.ts';

/** Who a certificate is for: one subject alternative name. */
export type CertificateIdentity = { readonly email: string } | { readonly uri: string };

const GITHUB = 'https://github.com/';

/** Number in Fulcio's arc, and the claim behind it; `url` claims are told as URLs on github.com. */
const CI_EXTENSIONS: readonly (readonly [number: number, claim: string, url?: 'url'])[] = [
  [9, 'job_workflow_ref', 'url'],
  [10, 'job_workflow_sha'],
  [11, 'runner_environment'],
  [12, 'repository', 'url'],
  [13, 'sha'],
  [14, 'ref'],
  [15, 'repository_id'],
  [16, 'repository_owner', 'url'],
  [17, 'repository_owner_id'],
  [18, 'workflow_ref', 'url'],
  [19, 'workflow_sha'],
  [20, 'event_name'],
  [22, 'repository_visibility'],
];

/** The old extensions of GitHub Actions hold bare text. */
const RAW_CI_EXTENSIONS: readonly (readonly [number: number, claim: string])[] = [
  [2, 'event_name'],
  [3, 'sha'],
  [4, 'workflow'],
  [5, 'repository'],
  [6, 'ref'],
];

/** The identity that a token's claims stand for: workflow of a CI job, e-mail address, or a URI as subject. */
export function identityOf(claims: TokenClaims): CertificateIdentity | null {
  const workflow = text(claims, 'job_workflow_ref');
  if (workflow !== undefined) return { uri: GITHUB + workflow };
  const email = text(claims, 'email');
  if (email !== undefined) return claims['email_verified'] === true ? { email } : null;
  const subject = text(claims, 'sub');
  return subject !== undefined && /^[a-z]+:\/\/\S+$/.test(subject) ? { uri: subject } : null;
}

/** Text that a client signs to prove that it holds its key. */
export function challengeOf(claims: TokenClaims): string {
  return text(claims, 'email') ?? text(claims, 'sub') ?? '';
}

/** The subject alternative name; critical, since the subject is empty. */
export function subjectAltName(identity: CertificateIdentity): CertificateExtension {
  const name =
    'email' in identity ? der.implicit(1, Buffer.from(identity.email)) : der.implicit(6, Buffer.from(identity.uri));
  return { oid: OID.subjectAltName, isCritical: true, value: der.sequence(name) };
}

/** Issuer in both spellings of Fulcio: bare text (.1) and UTF8String (.8). */
export function issuerExtensions(issuer: string): readonly CertificateExtension[] {
  return [
    { oid: `${OID.fulcio}.1`, value: Buffer.from(issuer) },
    { oid: `${OID.fulcio}.8`, value: der.utf8(issuer) },
  ];
}

/** The extensions .2 to .6 and .9 to .22 that the claims of a CI job have a value for; none for other tokens. */
export function ciExtensions(claims: TokenClaims): readonly CertificateExtension[] {
  if (text(claims, 'job_workflow_ref') === undefined) return [];
  const raw = RAW_CI_EXTENSIONS.flatMap(([number, claim]) => {
    const value = text(claims, claim);
    return value === undefined ? [] : [{ oid: `${OID.fulcio}.${number}`, value: Buffer.from(value) }];
  });
  const typed = CI_EXTENSIONS.flatMap(([number, claim, url]) => {
    const value = text(claims, claim);
    return value === undefined ? [] : [extension(number, url === 'url' ? GITHUB + value : value)];
  });
  const [repository, run] = [text(claims, 'repository'), text(claims, 'run_id')];
  const attempt = text(claims, 'run_attempt') ?? '1';
  const invocation = `${GITHUB}${repository}/actions/runs/${run}/attempts/${attempt}`;
  return [...raw, ...typed, ...(repository && run ? [extension(21, invocation)] : [])];
}

function extension(number: number, value: string): CertificateExtension {
  return { oid: `${OID.fulcio}.${number}`, value: der.utf8(value) };
}

function text(claims: TokenClaims, name: string): string | undefined {
  const value = claims[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
