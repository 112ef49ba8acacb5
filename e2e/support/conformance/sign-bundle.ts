// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import {
  createArtifactSigner,
  createExaminer,
  createImageSigner,
  createTokenSource,
  type ServiceClient,
  type Signatory,
  selectServices,
  type SignerIdentity,
  verifyArtifactBundle,
} from '@promograph/signing';
import { openTrust } from './open-trust.ts';
import type { SignCommand } from './read-arguments.ts';

/** Signs a file, or an in-toto statement, and writes the bundle. Null; what goes wrong is thrown. */
export async function signBundle(command: SignCommand): Promise<null> {
  await using open = openTrust(command, command.signingConfig);
  const { client, trust } = open;
  const trustedRoots = await trust.trustedRoots();
  const services = selectServices(await trust.signingConfig(), Date.now());
  const options = { signatory: signatoryOf(command.identityToken, client), services, client };
  const artifact = readFileSync(command.artifact);
  if (command.isStatement) {
    const signer = createImageSigner({ ...options, examiner: createExaminer({ trustedRoots }) });
    writeFileSync(command.bundle, (await signer.signStatement(artifact)).bundle);
    await signer.close();
    return null;
  }
  const verify = (bundle: Buffer, bytes: Buffer): ReturnType<typeof verifyArtifactBundle> =>
    verifyArtifactBundle(bundle, { bytes }, { trustedRoots });
  const signer = createArtifactSigner({ ...options, verify });
  writeFileSync(command.bundle, await signer.sign(artifact));
  await signer.close();
  return null;
}

/** The suite hands over a token and expects whatever identity Fulcio makes of it: it is told from the claims. */
function signatoryOf(token: string, client: ServiceClient): Signatory {
  const identity = identityOf(token);
  const env = { SIGSTORE_ID_TOKEN: token };
  return {
    kind: 'keyless',
    identity,
    tokens: createTokenSource({ kind: 'env' }, { client, subject: identity.subject, env }),
  };
}

function identityOf(token: string): SignerIdentity {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Readonly<
    Record<string, string | undefined>
  >;
  const workflow = claims['job_workflow_ref'];
  const subject = workflow === undefined ? (claims['email'] ?? claims['sub']) : `https://github.com/${workflow}`;
  return { subject: subject ?? '', issuer: claims['iss'] ?? '' };
}
