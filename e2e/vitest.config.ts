// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['e2e/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '.e2e/**'],
    environment: 'node',
    expect: { poll: { timeout: 30_000 } },
    // The tests install packages, start processes and measure them: side by side they would disturb each other.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});

// Vitest reads the default export and no other.
export { config as default };
