// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROMOTER_VERSION } from './promoter-version.ts';

describe('PROMOTER_VERSION', () => {
  it('is the version of the published package', () => {
    const text = readFileSync(new URL('../../../apps/cli/package.json', import.meta.url), 'utf8');

    expect(JSON.parse(text)).toMatchObject({ version: PROMOTER_VERSION });
  });
});
