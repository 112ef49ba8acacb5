// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expectThat } from './demo-failure.ts';
import { FRONT_DOOR_PORT, SIGNER, SIGSTORE_PORT } from './demo-registries.ts';
import type { DemoStage } from './demo-steps.ts';
import { pullImage } from './pull-check.ts';
import { demoEnvironment, type DemoPlace } from './run-nx.ts';
import { runProgram } from './run-program.ts';

const FRONT_DOOR = `localhost:${FRONT_DOOR_PORT}`;

/** Our own verifier: every image of the tree, its signature and its promotion record. */
export async function verifyWithPromograph({ narrator, tree }: DemoStage, place: DemoPlace): Promise<void> {
  narrator.step(
    'Verify: does production hold what was reviewed, signed by whom it should be?',
    'verify compares the tree with the world: missing, unsigned, signed by another, for another image, without a record.',
  );
  const output = await promograph(['verify'], { narrator, place });
  expectThat(!/unsigned|foreign-signer|no-record|missing/.test(output), 'verify has findings');
  narrator.proven(`all ${tree.digests} images are there, signed by ${SIGNER} and with a promotion record`);
}

/** cosign agrees, where it is installed. */
export async function verifyWithCosign({ narrator, world, tree }: DemoStage, place: DemoPlace): Promise<void> {
  narrator.step(
    'Verify with cosign, which knows nothing of promograph.',
    'It checks certificate, transparency log and timestamp against the trusted root of the sigstore of this demo.',
  );
  if (!isOnPath('cosign')) {
    narrator.note('cosign is not on the PATH: this step is left out. Our own verifier checked the same above.');
    return;
  }
  const { files } = world.sigstore;
  // cosign 2 is told its roots by the environment, cosign 3 by a flag.
  const env = {
    ...demoEnvironment(place),
    HOME: place.scratchDir,
    TUF_ROOT: join(place.scratchDir, 'tuf'),
    SIGSTORE_ROOT_FILE: files.fulcioChain,
    SIGSTORE_REKOR_PUBLIC_KEY: files.rekorPublicKey,
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: files.ctLogPublicKey,
    SIGSTORE_TSA_CERTIFICATE_FILE: files.tsaChain,
  };
  const who = ['--certificate-identity', SIGNER, '--certificate-oidc-issuer', `http://127.0.0.1:${SIGSTORE_PORT}`];
  const [canonical] = world.production;
  const images = tree.pulls.filter(({ url, reference, digest }) => url === canonical?.url && reference === digest);
  for (const { repository, digest } of images) {
    const image = `${new URL(canonical?.url ?? '').host}/${repository}@${digest}`;
    const call = { program: 'cosign', cwd: place.repository, env, isShown: false };
    const third = await runProgram({ ...call, args: ['verify', '--trusted-root', files.trustedRoot, ...who, image] });
    const verdict = third.exitCode === 0 ? third : await runProgram({ ...call, args: ['verify', ...who, image] });
    expectThat(verdict.exitCode === 0, `cosign does not verify ${image}: ${third.output}\n${verdict.output}`);
  }
  narrator.proven(`cosign verifies all ${images.length} images`);
}

/** One host name for all mirrors; signatures are found although they are in one registry only. */
export async function pullThroughFrontDoor({ narrator, tree }: DemoStage, place: DemoPlace): Promise<void> {
  narrator.step(
    'Pull and verify through one host name.',
    `Users pull from ${FRONT_DOOR}. The redirector sends each request to a mirror, and requests for signatures to the`,
    'one registry that holds them, so nobody has to copy signatures to every mirror.',
  );
  const [first] = tree.pulls;
  const pulls = tree.pulls.filter(({ url }) => url === first?.url);
  let documents = 0;
  for (const pull of pulls) {
    const repository = pull.repository.replace(/^prod\//, '');
    documents += await pullImage({ ...pull, url: `http://${FRONT_DOOR}`, repository });
  }
  narrator.proven(
    `${pulls.length} pulls through ${FRONT_DOOR}, ${documents} manifests and blobs, every hash as promised`,
  );
  const output = await promograph(['verify', '--via', FRONT_DOOR], { narrator, place });
  expectThat(!/unsigned|missing|tampered/.test(output), 'verify through the front door has findings');
  narrator.proven('every tag resolves to its digest there, and every signature and record is found');
}

async function promograph(
  args: readonly string[],
  { narrator, place }: Pick<DemoStage, 'narrator'> & { readonly place: DemoPlace },
): Promise<string> {
  narrator.command(`npx promograph ${args.join(' ')}`);
  const script = join(place.repository, 'apps/cli/bin/promograph.js');
  const { exitCode, output } = await runProgram({
    program: process.execPath,
    args: [script, ...args],
    cwd: place.repository,
    env: demoEnvironment(place),
    isShown: true,
  });
  expectThat(exitCode === 0, `promograph ${args.join(' ')} ended with ${exitCode}`);
  return output;
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
