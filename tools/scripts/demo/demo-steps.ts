// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';
import type { PlanReport } from '@promograph/report';
import { expectThat } from './demo-failure.ts';
import type { DemoTree } from './demo-tree.ts';
import type { DemoWorld } from './demo-world.ts';
import type { Narrator } from './narrator.ts';
import { pullImage } from './pull-check.ts';

/** What every step has at hand. */
export interface DemoStage {
  readonly world: DemoWorld;
  readonly tree: DemoTree;
  readonly narrator: Narrator;
  /** Runs the real Nx in this repository and returns its output. */
  readonly nx: (...args: readonly string[]) => Promise<string>;
}

const PLAN = ['run-many', '-t', 'plan'];

/** Plans from a fresh start: everything is missing. */
export async function planFirst({ tree, narrator, nx }: DemoStage): Promise<void> {
  narrator.step(
    'Plan: what is missing in production?',
    'Each directory of manifests/ is an Nx project. Its plan task asks the registries what they hold, compares that',
    'with the YAML, and writes .promo/<project>/plan.json. Nothing is changed. "add" means: copy this digest there.',
  );
  await tree.forgetArtifacts();
  await run({ narrator, nx }, PLAN);
  const { add, edges } = sumOf(await tree.readPlans());
  expectThat(edges === tree.edges && add === tree.edges, `expected ${tree.edges} edges to add, the plan has ${add}`);
  narrator.proven(`${edges} edges (a digest, to a repository, under a tag or none) are planned, all of them to add`);
}

/** Promotes, signs and attests: without --confirm nothing would be written. */
export async function promoteSigned({ tree, narrator, nx, world }: DemoStage): Promise<void> {
  narrator.step(
    'Promote, sign and attest: do exactly that.',
    'attest needs sign, sign needs promote: one command runs the chain. Without --confirm it is a dry run. With it, the',
    'registries are read again (a plan is a report, never a permission), every blob is read from staging once and streamed',
    'to all registries that miss it, every digest is signed and attested, and only then its tag is written.',
  );
  world.staging.clearRequests();
  await run({ narrator, nx }, ['run-many', '-t', 'attest', '--confirm']);
  const receipts = await tree.readReceipts();
  const done = receipts.reduce((sum, { summary }) => sum + summary.copied + summary.tagged, 0);
  expectThat(
    receipts.every(({ confirmed }) => confirmed),
    'a receipt says that nothing was confirmed',
  );
  expectThat(done === tree.edges, `expected ${tree.edges} edges promoted, the receipts say ${done}`);
  narrator.proven(`the receipts in .promo/<project>/promote.json name all ${done} edges as done`);
  const blobReads = world.staging.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'));
  const blobs = new Set(blobReads.map(({ path }) => path));
  expectThat(blobReads.length === blobs.size, `staging answered ${blobReads.length} reads of ${blobs.size} blobs`);
  narrator.proven(
    `staging was asked once for each of ${blobs.size} blobs, for ${world.production.length} destinations`,
  );
  await proveSigned({ tree, narrator, world });
}

async function proveSigned({ tree, narrator, world }: Omit<DemoStage, 'nx'>): Promise<void> {
  const [signed, attested] = [await tree.readTrust('sign'), await tree.readTrust('attest')];
  const written = (of: typeof signed): number => of.reduce((sum, { summary }) => sum + summary.written, 0);
  const { rekorV1Entries, certificates } = world.sigstore.counts();
  // A `.sig` and a bundle for each digest, and a promotion record for each image.
  const entries = written(signed) * 2 + written(attested);
  expectThat(written(attested) === tree.digests, `${written(attested)} of ${tree.digests} images were attested`);
  expectThat(rekorV1Entries === entries, `the log has ${rekorV1Entries} entries, expected ${entries}`);
  narrator.proven(
    `${written(signed)} digests (images, indexes and their children) are signed in both layouts of cosign, ` +
      `${written(attested)} have a promotion record: ${entries} log entries with ${certificates} certificates`,
  );
}

/** Plans again: the registries have changed, so the cache does not apply, and everything is present. */
export async function planAgain({ tree, narrator, nx }: DemoStage): Promise<void> {
  narrator.step(
    'Plan again: the registries have changed, so they are read again.',
    'No file was touched, yet the plan of step 1 is not reused: what the registries hold is one of its inputs.',
  );
  const output = await run({ narrator, nx }, PLAN);
  const { present, edges } = sumOf(await tree.readPlans());
  expectThat(present === edges && edges === tree.edges, `${present} of ${tree.edges} edges are present`);
  expectThat(cachedPlans(output) === 0, 'a plan came from the cache although the registries had changed');
  narrator.proven(`all ${present} edges are present, and running the chain again would do nothing`);
}

/** Plans a third time: neither the tree nor the registries changed, so Nx answers from its cache. */
export async function planFromCache({ tree, narrator, nx }: DemoStage): Promise<void> {
  narrator.step(
    'Plan a third time: nothing changed, so the plans come from the cache.',
    'The snapshots are always taken anew; as they are byte for byte the same, Nx reuses the plans.',
  );
  const output = await run({ narrator, nx }, PLAN);
  const cached = cachedPlans(output);
  expectThat(cached === tree.projects.length, `${cached} of ${tree.projects.length} plans came from the cache`);
  narrator.proven(`${cached} of ${tree.projects.length} plans came from the cache of Nx`);
}

/** Pulls everything from every production registry and hashes what arrives. */
export async function pullEverything({ world, tree, narrator }: DemoStage): Promise<void> {
  narrator.step(
    'Pull: is production what the YAML says?',
    'Every digest and every tag is pulled from every production registry, with all blobs below it, and hashed.',
  );
  for (const { url } of world.production) {
    const pulls = tree.pulls.filter((pull) => pull.url === url);
    expectThat(pulls.length > 0, `the tree promotes nothing to ${url}`);
    let documents = 0;
    for (const pull of pulls) documents += await pullImage(pull);
    narrator.proven(`${url}: ${pulls.length} pulls, ${documents} manifests and blobs, every hash as promised`);
  }
}

async function run({ narrator, nx }: Pick<DemoStage, 'narrator' | 'nx'>, args: readonly string[]): Promise<string> {
  narrator.command(`npx nx ${args.join(' ')}`);
  return nx(...args);
}

function sumOf(plans: readonly PlanReport[]): {
  readonly add: number;
  readonly present: number;
  readonly edges: number;
} {
  const count = (key: 'add' | 'present' | 'edges'): number => plans.reduce((sum, { summary }) => sum + summary[key], 0);
  return { add: count('add'), present: count('present'), edges: count('edges') };
}

/** Nx marks a task that it did not run, in CI in colour: `nx run web:plan  [local cache]`, or that its output is already in place. */
function cachedPlans(output: string): number {
  return [
    ...stripVTControlCharacters(output).matchAll(
      /^.*nx run [\w-]+:plan\s.*\[(?:local cache|existing outputs match the cache).*$/gm,
    ),
  ].length;
}
