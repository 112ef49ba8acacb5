// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { findSilentCanaries } from './check-canaries.ts';
import { GUARDS } from './guards.ts';
import { type Guard, formatViolation } from './violation.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** Runs one step, prints its name, verdict and findings, and says whether it passed. */
async function runStep(name: string, step: () => Promise<readonly string[]>): Promise<boolean> {
  const startedAt = performance.now();
  const findings = await step();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  for (const finding of findings) console.log(`     ${finding}`);
  return findings.length === 0;
}

async function runCanaries(guard: Guard): Promise<readonly string[]> {
  const silent = await findSilentCanaries(guard, repository);
  return silent.map(({ path, rule }) => `${guard.name} did not object to ${path} (${rule})`);
}

const wanted = new Set(process.argv.slice(2));
const verdicts: boolean[] = [];
for (const guard of GUARDS.filter(({ name }) => wanted.size === 0 || wanted.has(name))) {
  verdicts.push(await runStep(guard.name, async () => (await guard.check(repository)).map(formatViolation)));
  verdicts.push(await runStep(`${guard.name}: canaries trip`, () => runCanaries(guard)));
}
const failed = verdicts.filter((isPassed) => !isPassed).length;
console.log(`lint: ${verdicts.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
