// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore } from '@promograph/devstack';
import { createMemoryLimiter } from '@promograph/limiter';
import { digestOf } from '@promograph/oci';
import type { ImageSigner } from '../image-signer.ts';
import { simpleSigningPayload } from '../simple-signing.ts';
import { createExaminer } from '../verify/create-examiner.ts';
import { createImageSigner, type ImageSignerOptions } from './create-image-signer.ts';
import { createServiceClient, type ServiceClient, type ServiceClientOptions } from './service-client.ts';
import type { SignerIdentity } from './signing-certificate.ts';
import { parseSigningConfig, selectServices, type SigningServices } from './signing-services.ts';
import { createTokenSource, type TokenSource } from './token-source.ts';

/** A payload as `sign` writes it. */
export const PAYLOAD = simpleSigningPayload('registry.example/app', digestOf('image'));

/** A statement as `sign` writes it. */
export const STATEMENT = Buffer.from(
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'registry.example/app', digest: { sha256: 'ab'.repeat(32) } }],
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    predicate: {},
  }),
);

/** What tests may change of a signer. */
export interface TestSignerOptions {
  readonly rekor?: 1 | 2;
  readonly identity?: Partial<SignerIdentity>;
  readonly token?: () => string;
  readonly retry?: ServiceClientOptions['retry'];
  readonly rest?: Partial<ImageSignerOptions>;
}

/** A client that waits for nobody. */
export function testClient(options: Partial<ServiceClientOptions> = {}): ServiceClient {
  return createServiceClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    sleep: async () => undefined,
    retry: { attempts: 3, ...options.retry },
    ...options,
  });
}

/** The services of a local sigstore. */
export function servicesOf(sigstore: RunningSigstore, rekor: 1 | 2 = 1): SigningServices {
  const { signingConfig, signingConfigRekorV2 } = sigstore.files;
  const config = parseSigningConfig(readFileSync(rekor === 1 ? signingConfig : signingConfigRekorV2));
  return selectServices(config, Date.now());
}

/** Tokens of a local sigstore, from the environment as a CI job has them. */
export function tokensOf(sigstore: RunningSigstore, client: ServiceClient, token?: () => string): TokenSource {
  const env = {
    get SIGSTORE_ID_TOKEN(): string {
      return (token ?? (() => sigstore.token()))();
    },
  };
  return createTokenSource({ kind: 'env' }, { client, subject: 'nobody', env });
}

/** A signer against a local sigstore. */
export function testSigner(sigstore: RunningSigstore, options: TestSignerOptions = {}): ImageSigner {
  const client = testClient(options.retry === undefined ? {} : { retry: options.retry });
  const identity = { subject: DEFAULT_SIGNER_EMAIL, issuer: sigstore.url, ...options.identity };
  return createImageSigner({
    signatory: { kind: 'keyless', identity, tokens: tokensOf(sigstore, client, options.token) },
    services: servicesOf(sigstore, options.rekor),
    client,
    examiner: createExaminer({ trustedRoots: [trustedRootOf(sigstore)] }),
    ...options.rest,
  });
}

/** The trusted root of a local sigstore, as JSON. */
export function trustedRootOf(sigstore: RunningSigstore): object {
  return JSON.parse(readFileSync(sigstore.files.trustedRoot, 'utf8')) as object;
}
