// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findPeer, PEER_PROGRAMS, peerDirectory } from './support/peer-programs.ts';
import { type BoundedCall, type BoundedResult, runBounded } from './support/run-bounded.ts';

/** One part of the end-to-end run with its own count. */
interface Step extends BoundedCall {
  readonly name: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const minutes = (count: number): number => count * 60_000;
const filters = process.argv.slice(2);
const repository = here('..');
process.chdir(repository);

await installPeers();
tellWhatIsMissing();
let passed = 0;
let failed = 0;
for (const step of filters.length > 0 ? [testStep()] : [testStep(), ...scriptSteps()]) {
  console.log(`e2e: ${step.name}`);
  add(step.name, await runBounded({ ...step, env: { PROMOGRAPH_E2E_TOOLS: peerDirectory() } }));
}
console.log(`e2e: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function installPeers(): Promise<void> {
  if (PEER_PROGRAMS.every((program) => findPeer(program) !== null)) return;
  console.log(`e2e: installing the peer programs into ${peerDirectory()}`);
  const args = [here('install-tools.sh'), peerDirectory()];
  await runBounded({ command: 'bash', args, limitMs: minutes(6) });
}

/** Peers that are missing make their tests fail; the corpus and Go only leave out what needs them. */
function tellWhatIsMissing(): void {
  const missing = PEER_PROGRAMS.filter((program) => findPeer(program) === null);
  if (missing.length > 0) console.log(`e2e: missing peers, their tests will fail: ${missing.join(', ')}`);
  if (!existsSync(here('../../shared/corpus'))) {
    console.log('e2e: no ../shared/corpus: the real promotion tree is left out, generated trees of its shape are used');
  }
}

function testStep(): Step {
  const args = ['run', '--config', 'e2e/vitest.config.ts', '--reporter=default'];
  const reporter = '--reporter=./tools/scripts/count-reporter.ts';
  const script = here('../node_modules/vitest/vitest.mjs');
  return {
    name: 'tests',
    command: process.execPath,
    args: [script, ...args, reporter, ...filters],
    limitMs: minutes(22),
  };
}

function scriptSteps(): readonly Step[] {
  const scripts = [
    { name: 'conformance of the embedded registry', file: here('conformance.sh'), limitMs: minutes(3) },
    { name: 'npm versions', file: here('npm-versions.sh'), limitMs: minutes(5) },
  ];
  return scripts.map(({ name, file, limitMs }) => ({ name, command: 'bash', args: [file], limitMs }));
}

/** Adds the last `N passed, N failed` of a step; a step that failed without one counts as one failure. */
function add(name: string, { exitCode, output }: BoundedResult): void {
  const counts = [...output.matchAll(/(\d+) passed, (\d+) failed/g)].at(-1);
  const stepFailed = Number(counts?.[2] ?? 0);
  passed += Number(counts?.[1] ?? (exitCode === 0 ? 1 : 0));
  failed += exitCode !== 0 && stepFailed === 0 ? 1 : stepFailed;
  if (exitCode === 124) console.log(`e2e: ${name} took too long and was ended`);
  if (exitCode !== 0) console.log(`e2e: ${name} ended with ${exitCode}`);
}
