// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CANARIES, type Canary } from './canaries.ts';
import { makeCanaryFixture } from './canary-fixture.ts';
import type { Guard, Violation } from './violation.ts';

/**
 * Runs a guard on a repository in which its canaries are planted and returns those that it let through. A guard whose
 * precondition is broken (no types, no configuration) accepts everything and would look green for ever.
 */
export async function findSilentCanaries(guard: Guard, repository: string): Promise<readonly Canary[]> {
  const canaries = CANARIES.filter((canary) => canary.guard === guard.name);
  if (canaries.length === 0) return [{ guard: guard.name, rule: 'no canary at all', path: 'tools/lint', text: '' }];
  await using fixture = await makeCanaryFixture(repository);
  for (const { path, text } of canaries) {
    const planted = typeof text === 'string' ? text : text(await readFile(join(fixture.root, path), 'utf8'));
    await fixture.plant({ [path]: planted });
  }
  const violations = await guard.check(fixture.root);
  return canaries.filter((canary) => !violations.some((violation) => isCaught(canary, violation)));
}

function isCaught(canary: Canary, violation: Violation): boolean {
  const [path] = violation.at.split(':');
  return path === canary.path && violation.rule === canary.rule;
}
