// SPDX-License-Identifier: Apache-2.0
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DemoFailure } from './demo/demo-failure.ts';
import { FRONT_DOOR_PORT, hostOf, PRODUCTION, STAGING } from './demo/demo-registries.ts';
import {
  type DemoStage,
  planAgain,
  planFirst,
  planFromCache,
  promoteSigned,
  pullEverything,
} from './demo/demo-steps.ts';
import { openDemoTree } from './demo/demo-tree.ts';
import { openDemoWorld } from './demo/demo-world.ts';
import { pullThroughFrontDoor, verifyWithCosign, verifyWithPromograph } from './demo/demo-verification.ts';
import { createNarrator } from './demo/narrator.ts';
import { runNx } from './demo/run-nx.ts';

const A_WHILE_MS = 60_000;
const repository = fileURLToPath(new URL('../..', import.meta.url));

// Ending through `exit` lets Nx and the scratch directory go, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  await (isServing() ? serve() : runDemo());
} catch (error) {
  if (!(error instanceof DemoFailure)) throw error;
  console.error(`demo: ${error.message}`);
  process.exitCode = 1;
}

/** Whether `--serve` was given. Error: `DemoFailure` for anything else. */
function isServing(): boolean {
  try {
    return parseArgs({ options: { serve: { type: 'boolean', default: false } } }).values.serve;
  } catch (cause) {
    throw new DemoFailure('takes no argument but --serve: npm run demo, or npm run demo -- --serve', { cause });
  }
}

async function runDemo(): Promise<void> {
  const startedAt = performance.now();
  const tree = await openDemoTree(repository);
  await using world = await openDemoWorld(repository);
  const narrator = createNarrator();
  console.log('promograph promotes container images: reviewed YAML says which digests production may have.');
  console.log(`  images are built to   ${hostOf(STAGING)} (started and seeded just now)`);
  console.log(`  users pull them from  ${PRODUCTION.map(hostOf).join(', ')} (started just now, empty)`);
  console.log(`  under one name        localhost:${FRONT_DOOR_PORT} (a redirector, started just now)`);
  console.log(`  a sigstore of its own signs: certificates, transparency log and timestamps, on this machine`);
  console.log(`  the YAML is in        manifests/ and images/: ${tree.projects.join(', ')}`);
  const place = { repository, scratchDir: world.scratchDir };
  const stage: DemoStage = { world, tree, narrator, nx: (...args) => runNx(place, args) };
  const steps = [planFirst, promoteSigned, planAgain, planFromCache, pullEverything];
  for (const step of steps) await step(stage);
  for (const step of [verifyWithPromograph, verifyWithCosign, pullThroughFrontDoor]) await step(stage, place);
  console.log(
    `\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s; registries, sigstore and redirector are gone again.`,
  );
  console.log(
    'Next: look at .promo/web/plan.json, change images/web/images.yaml, read docs/tutorial/first-promotion.md.',
  );
}

/** Only starts and seeds the registries, for trying things by hand, until a signal ends the process. */
async function serve(): Promise<void> {
  await using world = await openDemoWorld(repository);
  console.log(`staging is seeded: ${hostOf(STAGING)}; production is empty: ${PRODUCTION.map(hostOf).join(', ')}`);
  console.log('In another terminal: npx promograph plan. Ctrl-C ends the registries and forgets what they hold.');
  while (world.staging.port > 0) await setTimeout(A_WHILE_MS);
}
