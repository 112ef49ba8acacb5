// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_SIGNER_EMAIL, type RunningSigstore } from '@promograph/devstack';
import type { NxWorkspace } from '../../e2e/support/fresh-nx-workspace.ts';

const CONFIG = 'promograph.yaml';

/** Adds the sections that sign at `canonical` with a local sigstore, so that `sign` and `attest` have something to do. */
export function configureSigning(workspace: NxWorkspace, sigstore: RunningSigstore, canonical: string): void {
  const { dir, write } = workspace;
  copyFileSync(sigstore.files.signingConfig, join(dir, 'signing-config.json'));
  copyFileSync(sigstore.files.trustedRoot, join(dir, 'trusted-root.json'));
  write('token.jwt', sigstore.token());
  const signing = `signing:
  identity: { subject: ${DEFAULT_SIGNER_EMAIL}, issuer: "${sigstore.url}" }
  token: file
  tokenFile: token.jwt
  canonical: ${canonical}
  config: signing-config.json
  trustedRoots: [trusted-root.json]
`;
  write(CONFIG, readFileSync(join(dir, CONFIG), 'utf8') + signing);
}
