// SPDX-License-Identifier: Apache-2.0
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore } from '@promograph/devstack';
import { type Cosign, type CosignProgram, type CosignRun, openCosign } from './cosign.ts';

/** A cosign that trusts one local sigstore. */
export interface TrustingCosign extends Cosign {
  /** Flags that name an identity of the sigstore, the default account's without another. */
  identity(subject?: string): readonly string[];
  /** `cosign COMMAND` of something that verifies, with the flags of trust. */
  verifying(command: string, ...args: readonly string[]): Promise<CosignRun>;
  /** `cosign COMMAND` of something that signs keyless, with a fresh token. */
  signing(command: string, options: SigningOptions, ...args: readonly string[]): Promise<CosignRun>;
}

/** Who signs, and with which services. */
export interface SigningOptions {
  /** Default: the default account. */
  readonly email?: string;
  readonly rekor?: 1 | 2;
}

/** Opens a cosign for a sigstore. cosign 2 knows no trusted root for its own layout, so it gets PEM files. */
export async function openTrustingCosign(
  program: CosignProgram,
  sigstore: RunningSigstore,
  environment: Readonly<Record<string, string>> = {},
): Promise<TrustingCosign> {
  const { files, url } = sigstore;
  const pem = {
    SIGSTORE_ROOT_FILE: files.fulcioChain,
    SIGSTORE_REKOR_PUBLIC_KEY: files.rekorPublicKey,
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: files.ctLogPublicKey,
    SIGSTORE_TSA_CERTIFICATE_FILE: files.tsaChain,
  };
  const isOld = program === 'cosign2';
  const cosign = await openCosign(program, { ...(isOld ? pem : {}), ...environment });
  const trust = (args: readonly string[]): readonly string[] =>
    isOld && !args.includes('--new-bundle-format') ? [] : [`--trusted-root=${files.trustedRoot}`];
  const servicesOf = (rekor: 1 | 2): readonly string[] =>
    isOld
      ? [`--fulcio-url=${url}`, `--rekor-url=${url}`]
      : [`--signing-config=${rekor === 1 ? files.signingConfig : files.signingConfigRekorV2}`, ...trust([])];
  return {
    ...cosign,
    identity: (subject = DEFAULT_SIGNER_EMAIL) => [
      `--certificate-identity=${subject}`,
      `--certificate-oidc-issuer=${url}`,
    ],
    verifying: (command, ...args) => cosign.run(command, ...trust(args), ...args),
    signing: (command, { email, rekor = 1 }, ...args) => {
      const token = sigstore.token(email === undefined ? {} : { email });
      return cosign.run(command, '--yes', ...servicesOf(rekor), `--identity-token=${token}`, ...args);
    },
  };
}
