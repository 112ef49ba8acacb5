// SPDX-License-Identifier: Apache-2.0
import type { SigningErrorCode } from '@promograph/signing';
import type { ErrorExplanation } from './error-explanation.ts';

/** Errors of signing, and of the material that signing and verifying need. */
export const SIGNING_ERRORS: Readonly<Record<SigningErrorCode, ErrorExplanation>> = {
  SIGNING_CONFIG: {
    outcome: 'input',
    title: 'What signing needs is not configured, or not usable',
    cause: '`signing` in promograph.yaml is missing or incomplete, or a file that it names cannot be used.',
    remedy:
      'Set what the message names: `signing.identity` with `signing.token`, or `signing.key`, and `signing.canonical`.',
  },
  SIGNING_TOKEN: {
    outcome: 'outside',
    title: 'There is no usable identity token',
    cause:
      'The configured source gave none, or one for another audience or identity, or one that has expired. No other source is asked.',
    remedy:
      'In GitHub Actions grant `id-token: write`; elsewhere check the variable, file or service account. The audience is `sigstore`.',
  },
  SIGNING_IDENTITY: {
    outcome: 'input',
    title: 'The certificate names another signer than the configuration',
    cause: 'The subject or issuer that the certificate authority certified is not exactly `signing.identity`.',
    remedy:
      'Compare both in the message. In GitHub Actions the subject is the workflow that signs, with its ref (`job_workflow_ref`).',
  },
  SIGNING_CERTIFICATE: {
    outcome: 'outside',
    title: 'The certificate authority gave no usable certificate',
    cause:
      'It refused the request, could not be reached, or answered with a certificate that the trusted root does not cover.',
    remedy: 'Run again; if it stays so, check `signing.config` and `signing.trustedRoots` against each other.',
  },
  SIGNING_LOG: {
    outcome: 'outside',
    title: 'The transparency log did not take the entry',
    cause: 'It refused it, could not be reached, or answered with an entry that does not verify.',
    remedy: 'Run again: what is signed is kept, and the tag is not written before its signature.',
  },
  SIGNING_TIMESTAMP: {
    outcome: 'outside',
    title: 'The timestamp authority gave no usable timestamp',
    cause: 'It could not be reached, or its answer does not verify or is about something else.',
    remedy: 'Run again; if it stays so, check `signing.config`.',
  },
  SIGNING_SERVICE: {
    outcome: 'outside',
    title: 'A signing service cannot be used',
    cause:
      'It could not be reached after retries, answered against its protocol, or redirected a request with a token.',
    remedy: 'Check the network, proxies (HTTPS_PROXY) and `signing.config`, then run again.',
  },
  SIGNING_SELF_CHECK: {
    outcome: 'refused',
    title: 'A fresh signature does not verify, so it was not pushed',
    cause:
      'Every signature is verified against the trusted root before it is written; this one failed, also when made again.',
    remedy:
      'Check that `signing.trustedRoots` belongs to the services of `signing.config`, and the clock of this machine.',
  },
  SIGNING_KEY: {
    outcome: 'input',
    title: 'The key cannot be used',
    cause:
      'The file is missing, is neither PEM nor an encrypted key of cosign, is no ECDSA P-256 key, its password is wrong, or `signing.publicKey` is not its public part.',
    remedy:
      'To sign, check `signing.key`, `signing.publicKey` and COSIGN_PASSWORD; to verify, `signing.publicKey` is enough.',
  },
  SIGNING_TRUST: {
    outcome: 'outside',
    title: 'The trusted root cannot be had',
    cause:
      'The TUF repository could not be reached or verified and nothing is cached, or a configured root cannot be read.',
    remedy:
      'Check `signing.tuf` or `signing.trustedRoots`; a root that was fetched once is used offline until it expires.',
  },
  SIGNING_STORE: {
    outcome: 'outside',
    title: 'A signature could not be written beside its image',
    cause: 'The registry refused it, changed it, or another writer went on writing the same list of signatures.',
    remedy: 'Run again; if it stays so, check that the account may write the canonical repository.',
  },
  SIGNING_LEGACY_UNSUPPORTED: {
    outcome: 'input',
    title: 'The log cannot record signatures in the legacy format',
    cause: '`formats` names `legacy`, and the log of the signing config is Rekor v2, whose entries do not fit into it.',
    remedy: 'Write `formats: [bundle]`, or leave `formats` out.',
  },
};
