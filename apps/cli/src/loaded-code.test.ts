// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Of all modules that a process loads with these, the ones that cost much and that many stages need not. */
function heavyModulesOf(...modules: readonly string[]): readonly string[] {
  const program = `
    const { registerHooks } = await import('node:module');
    const seen = new Set();
    const heavy = /node_modules\\/(undici|google-auth-library|@sigstore|sigstore|string-width)\\//;
    registerHooks({ load: (url, context, next) => { const [, name] = heavy.exec(url) ?? []; if (name) seen.add(name); return next(url, context); } });
    for (const url of ${JSON.stringify(modules.map((name) => new URL(name, import.meta.url).href))}) await import(url);
    console.log(JSON.stringify([...seen]));`;
  const args = ['--input-type=module', '-e', program];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[];
}

describe('what a process loads with the package', () => {
  it('has no HTTP client, no signing and no segmenter of texts in it', () => {
    expect(heavyModulesOf('./index.ts')).toEqual([]);
  });

  it('has it with what asks registries, as this test can see', () => {
    expect(heavyModulesOf('./index.ts', '../../../libs/registry/src/index.ts')).toContain('undici');
  });
});
