// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { copyProgram, type Mutation } from './support/mutated-program.ts';

/** A guard, and the test that must notice when it is gone. */
interface Mutant extends Mutation {
  readonly name: string;
  readonly test: string;
  readonly caughtBy: string;
}

const GUARANTEES = 'e2e/guarantees.test.ts';

const MUTANTS: readonly Mutant[] = [
  {
    name: '1: children of an index are not looked for',
    file: 'libs/registry/src/copy-destination.ts',
    before: 'if (found === null) await this.#put(document);',
    after: 'void found;',
    test: GUARANTEES,
    caughtBy: '1: completes a digest',
  },
  {
    name: '2: bytes are not compared with their digest',
    file: 'libs/registry/src/fan-out-source.ts',
    before: 'if (!hashMatches(progress.hash, blob.digest))',
    after: 'if (!hashMatches(progress.hash, blob.digest) && blob.sizeBytes < 0)',
    test: GUARANTEES,
    caughtBy: '2: lets no corrupted byte',
  },
  {
    name: '3: a tag is not read before it is written',
    file: 'libs/registry/src/publish-tag.ts',
    before: "if (before !== null) return outcome(before, document.digest, 'present');",
    after: 'void before;',
    test: GUARANTEES,
    caughtBy: '3: refuses a tag',
  },
  {
    name: '4: copies of one blob do not know of each other',
    file: 'libs/registry/src/blob-claims.ts',
    before: "if (done) return { kind: 'held', done };",
    after: 'void done;',
    test: GUARANTEES,
    caughtBy: '4: reads each blob once',
  },
  {
    name: '5: a lock outlives the process that took it',
    file: 'libs/promoter/src/project-lock.ts',
    before: "database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');",
    after: "writeFileSync(ownerFile, '', { flag: 'wx' });",
    test: 'e2e/killed-runs.test.ts',
    caughtBy: 'docker-registry.*with the index written',
  },
  {
    name: '6: a grant is given at once',
    file: 'libs/limiter/src/host-state.ts',
    before: 'if (waitMs > ROUNDING_MS)',
    after: 'if (waitMs > Infinity)',
    test: GUARANTEES,
    caughtBy: '6: keeps to the requests',
  },
  {
    name: '7: nobody says that everything is lost',
    file: 'libs/plan/src/plan-edges.ts',
    before: 'allLost: summary.lost === summary.edges && ',
    after: 'allLost: summary.lost < 0 && ',
    test: GUARANTEES,
    caughtBy: '7: fails a project',
  },
  {
    name: '8: writing is not tried before the first byte',
    file: 'libs/promoter/src/try-destinations.ts',
    before: 'await ports.engine.tryWrite(parseRepository(first), ports.signal);',
    after: 'void first;',
    test: GUARANTEES,
    caughtBy: '8: tries writing',
  },
];

/** Runs the matching tests on a copy of the program; `null` mutates nothing. */
async function runOn(
  mutation: Mutation | null,
  test: string,
  pattern: string,
): Promise<{ code: number; text: string }> {
  const copy = copyProgram(mutation);
  try {
    const { exitCode, all } = await execa({
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { PROMOGRAPH_E2E_PROGRAM: copy.program, NO_COLOR: '1' },
      reject: false,
      all: true,
      timeout: 240_000,
    })`npx vitest run --config e2e/vitest.config.ts ${test} -t ${pattern}`;
    return { code: exitCode ?? -1, text: all };
  } finally {
    copy.remove();
  }
}

describe('a program with a guard taken out', () => {
  it.each([...new Set(MUTANTS.map(({ test }) => test))])('would pass %s if nothing were taken out', async (test) => {
    const patterns = MUTANTS.filter((mutant) => mutant.test === test).map(({ caughtBy }) => caughtBy);

    const { code, text } = await runOn(null, test, patterns.join('|'));

    expect(code, text).toBe(0);
    expect(text).toMatch(new RegExp(`Tests\\s+${patterns.length} passed`));
  });

  it.each(MUTANTS)('is caught: $name', async ({ test, caughtBy, ...mutation }) => {
    const { code, text } = await runOn(mutation, test, caughtBy);

    expect(code, text).toBe(1);
    expect(text).toMatch(/Tests\s+1 failed/);
    expect(text).not.toContain('UNEXPECTED');
  });
});
