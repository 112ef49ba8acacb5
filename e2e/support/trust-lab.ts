// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore, type SigstoreOptions, startSigstore } from '@promograph/devstack';
import type { CosignProgram } from './cosign.ts';
import { PromotionLab } from './promotion-lab.ts';
import { openTrustingCosign, type TrustingCosign } from './trusting-cosign.ts';

/** What `promograph.yaml` of a lab says besides who signs. */
export interface TrustSettings {
  /** Host of the canonical registry: images are signed below its `prod`. */
  readonly canonical: string;
  /** The log that is written to. Default 1. */
  readonly rekor?: 1 | 2;
  /** Private key to sign with, in place of the default identity. */
  readonly key?: string;
  /** Further lines below `signing:`, indented. */
  readonly signing?: string;
  /** Further sections. */
  readonly more?: string;
}

/** Name that users pull images of the canonical registry's `prod` by. */
export const PUBLIC_NAME = 'images.example.org';

/** A promotion lab with a sigstore: its default account signs at the canonical registry. */
export class TrustLab extends PromotionLab {
  readonly sigstore: RunningSigstore;

  private constructor(sigstore: RunningSigstore) {
    super();
    this.sigstore = this.keep(sigstore);
    this.env['SIGSTORE_ID_TOKEN'] = sigstore.token();
  }

  static async open(options: SigstoreOptions = {}): Promise<TrustLab> {
    return new TrustLab(await startSigstore(options));
  }

  configure({ canonical, rekor = 1, key, signing = '', more = '' }: TrustSettings): void {
    const { files, url } = this.sigstore;
    const identity = `  identity: { subject: "${DEFAULT_SIGNER_EMAIL}", issuer: "${url}" }\n  token: env\n`;
    const text = `apiVersion: promograph/v1
signing:
${key === undefined ? identity : `  key: "${key}"\n`}  canonical: "${canonical}/prod"
  references: [ { contains: "${canonical}/prod", to: ${PUBLIC_NAME} } ]
  config: "${rekor === 1 ? files.signingConfig : files.signingConfigRekorV2}"
  trustedRoots: [ "${files.trustedRoot}" ]
${signing}${more}`;
    this.write('promograph.yaml', text);
  }

  /** A cosign that trusts the lab's sigstore and nothing else. */
  async cosign(program: CosignProgram, environment: Readonly<Record<string, string>> = {}): Promise<TrustingCosign> {
    return this.keep(await openTrustingCosign(program, this.sigstore, environment));
  }

  /** A JSON artifact of a project. */
  artifact(project: string, name: string): unknown {
    return JSON.parse(readFileSync(join(this.tree, '.promo', project, name), 'utf8'));
  }
}
