// SPDX-License-Identifier: Apache-2.0
import type { Reporter, TestModule } from 'vitest/node';

/** Ends a vitest run with one plain line, `N passed, N failed`, for scripts that add up several runs. */
class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const passed = tests.filter((test) => test.result().state === 'passed').length;
    // A file that does not even load has no tests to fail.
    const broken = modules.filter((module) => module.errors().length > 0).length;
    const failed = tests.filter((test) => test.result().state === 'failed').length + broken + unhandledErrors.length;
    const skipped = tests.length - passed - tests.filter((test) => test.result().state === 'failed').length;
    if (skipped > 0) console.log(`vitest: ${skipped} skipped`);
    console.log(`vitest: ${passed} passed, ${failed} failed`);
  }
}

// Vitest loads the default export of a reporter's file and no other.
export { CountReporter as default };
