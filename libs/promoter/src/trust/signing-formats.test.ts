// SPDX-License-Identifier: Apache-2.0
import type { SignatureFormat } from '@promograph/manifest';
import { describe, expect, it } from 'vitest';
import { refuseAttestingWithoutBundles, signingFormats } from './signing-formats.ts';

describe('the layouts that are written', () => {
  it.each<[string, readonly SignatureFormat[] | null, boolean, readonly SignatureFormat[], boolean]>([
    ['are both by default', null, true, ['legacy', 'bundle'], false],
    ['are those that are written down', ['bundle'], true, ['bundle'], false],
    ['are bundles alone, with a warning, where the log serves no .sig', null, false, ['bundle'], true],
    ['need no warning where bundles were asked for', ['bundle'], false, ['bundle'], false],
  ])('%s', (_, configured, canSignPayloads, formats, isWarned) => {
    const found = signingFormats(configured, canSignPayloads);

    expect(found.formats).toEqual(formats);
    expect(found.warning !== null).toBe(isWarned);
  });

  it.each<[readonly SignatureFormat[]]>([[['legacy']], [['legacy', 'bundle']]])(
    'cannot be %j with a log that serves no .sig',
    (configured) => {
      expect(() => signingFormats(configured, false)).toThrow(
        expect.objectContaining({ code: 'SIGNING_LEGACY_UNSUPPORTED' }) as Error,
      );
    },
  );

  it('must have bundles where statements are attached: cosign would take those for the signature', () => {
    expect(() => refuseAttestingWithoutBundles(['legacy'])).toThrow(
      expect.objectContaining({ code: 'PROMOTER_INVALID_INPUT' }) as Error,
    );
    expect(() => refuseAttestingWithoutBundles(['bundle'])).not.toThrow();
  });
});
