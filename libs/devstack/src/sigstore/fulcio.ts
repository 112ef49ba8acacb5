// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from 'node:crypto';
import type { CertificateAuthority } from './certificate-authority.ts';
import { ciExtensions, identityOf } from './certificate-identity.ts';
import { certificatePem } from './certificate.ts';
import type { TokenClaims } from './identity-token.ts';
import { parseJson, textAt } from './json-fields.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import { bearerToken, type ServiceRoute } from './service-route.ts';
import { ServiceRefusal } from './service-refusal.ts';
import { provenKeyV1, provenKeyV2 } from './signing-request.ts';

/** What Fulcio stands on. */
export interface FulcioParts {
  readonly authority: CertificateAuthority;
  readonly oidc: OidcIssuer;
  readonly issuers: readonly string[];
  readonly lifetimeMs: number;
  readonly now: () => number;
}

const AUDIENCE = 'sigstore';

/** Fulcio: certificates for tokens. */
export class Fulcio {
  readonly #parts: FulcioParts;
  /** Certificates issued so far. */
  issued = 0;

  constructor(parts: FulcioParts) {
    this.#parts = parts;
  }

  /** PEM certificates, leaf first. */
  #issue(publicKey: KeyObject, claims: TokenClaims): readonly string[] {
    const identity = identityOf(claims);
    if (identity === null) throw unauthenticated('neither a verified e-mail address nor a URI as subject');
    const { authority, lifetimeMs, now } = this.#parts;
    const notBefore = new Date(Math.floor(now() / 1000) * 1000);
    const extensions = ciExtensions(claims);
    const issuer = String(claims['iss']);
    const leaf = authority.issue({ publicKey, identity, issuer, notBefore, lifetimeMs, extensions });
    this.issued += 1;
    return [leaf, ...authority.chain].map(certificatePem);
  }

  #authenticate(token: string): TokenClaims {
    const { oidc, issuers, now } = this.#parts;
    const claims = oidc.open(token);
    if (claims === null) throw unauthenticated('the signature of the token is not by the issuer');
    const { iss, aud, exp, nbf } = claims;
    if (iss !== oidc.url && !issuers.includes(String(iss))) throw unauthenticated('unknown issuer');
    if (aud !== AUDIENCE && !(Array.isArray(aud) && aud.includes(AUDIENCE))) throw unauthenticated('wrong audience');
    const seconds = now() / 1000;
    if (typeof exp !== 'number' || exp <= seconds) throw unauthenticated('the token has expired');
    if (typeof nbf === 'number' && nbf > seconds + 60) throw unauthenticated('the token is not valid yet');
    return claims;
  }

  routes(): readonly ServiceRoute[] {
    const { authority } = this.#parts;
    const chain = authority.chain.map(certificatePem);
    const service = 'fulcio';
    return [
      {
        service,
        method: 'POST',
        path: '/api/v2/signingCert',
        answer: (call) => {
          const request = parseJson(call.body);
          const claims = this.#authenticate(textAt(request, 'credentials', 'oidcIdentityToken') || bearerToken(call));
          const certificates = this.#issue(provenKeyV2(request, claims), claims);
          return { status: 200, body: { signedCertificateEmbeddedSct: { chain: { certificates } } } };
        },
      },
      {
        service,
        method: 'POST',
        path: '/api/v1/signingCert',
        answer: (call) => {
          const claims = this.#authenticate(bearerToken(call));
          const certificates = this.#issue(provenKeyV1(parseJson(call.body), claims), claims);
          const headers = { 'content-type': 'application/pem-certificate-chain' };
          return { status: 201, body: certificates.join(''), headers };
        },
      },
      { service, method: 'GET', path: '/api/v1/rootCert', answer: () => ({ status: 200, body: chain.join('') }) },
      {
        service,
        method: 'GET',
        path: '/api/v2/trustBundle',
        answer: () => ({ status: 200, body: { chains: [{ certificates: chain }] } }),
      },
    ];
  }
}

/** Tells what is wrong, never the token. */
function unauthenticated(reason: string): ServiceRefusal {
  return new ServiceRefusal(401, `There was an error processing the identity token: ${reason}`);
}
