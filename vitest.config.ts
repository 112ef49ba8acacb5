// SPDX-License-Identifier: Apache-2.0
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['libs/**/*.test.ts', 'apps/**/*.test.ts', 'tools/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'e2e/**', '.e2e/**', '.nx/**'],
    environment: 'node',
    expect: { poll: { timeout: 30_000 } },
    // One slow machine must not fail a test that only waits; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    coverage: { include: ['libs/*/src/**', 'apps/*/src/**', 'tools/executors/src/**'], exclude: ['**/*.test.ts'] },
  },
});

// Vitest reads the default export and no other.
export { config as default };
