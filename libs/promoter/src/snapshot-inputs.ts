// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { ArtifactInputs } from '@promograph/report';
import { hashOfFile } from './hash-of-file.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { policyInputs } from './policy-inputs.ts';

/** sha256 (hex) of every file that a project's artifacts are made from; null where there is no such file. */
export function inputsOf(workspace: LoadedWorkspace, project: string): ArtifactInputs {
  const found = workspace.tree.projects.find(({ name }) => name === project);
  return {
    manifest: found?.manifestSha256 ?? '',
    images: found?.imagesSha256 ?? '',
    config: workspace.config.sha256,
    baseline: workspace.baseline.sha256,
    ...signingInputs(workspace),
    ...(found !== undefined && policyInputs(workspace.tree, found)),
  };
}

/** Files that name services, trusted roots and keys. One that cannot be read is told when something is signed. */
function signingInputs({ config, configDir }: LoadedWorkspace): Pick<ArtifactInputs, 'signing'> {
  const { signing, staging, scan } = config;
  const own = signing && [signing.config, ...signing.trustedRoots, signing.tuf?.root, signing.publicKey];
  const signers = [...(signing?.previousIdentities ?? []), ...staging.identities, ...(scan?.identities ?? [])];
  const keys = signers.flatMap((signer) => ('key' in signer ? [signer.key] : []));
  const files = new Set([...(own ?? []), ...keys].filter((path) => path != null));
  const hashes = [...files].flatMap((path) => {
    const sha256 = hashOfFile(resolve(configDir, path));
    return sha256 === null ? [] : [[path, sha256] as const];
  });
  return hashes.length === 0 ? {} : { signing: Object.fromEntries(hashes) };
}
