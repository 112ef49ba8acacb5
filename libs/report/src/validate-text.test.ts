// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '@promograph/manifest';
import { describe, expect, it } from 'vitest';
import { renderFindingsText } from './validate-text.ts';

const FINDING: Finding = {
  code: 'invalid-digest',
  severity: 'error',
  at: { file: 'images/app/images.yaml', line: 3, column: 5 },
  message: 'invalid digest: ha256:1',
  hint: 'Correct the digest.',
  value: 'ha256:1',
  project: 'app',
  isFatal: false,
  isBaselined: false,
};

describe('findings as text', () => {
  it('tell the place, the code and what to do', () => {
    expect(renderFindingsText([FINDING])).toBe(
      'images/app/images.yaml:3:5: error invalid-digest: invalid digest: ha256:1\n    Correct the digest.\n',
    );
  });

  it('give no advice on what the baseline accepts', () => {
    expect(renderFindingsText([{ ...FINDING, severity: 'warning', isBaselined: true }])).toBe(
      'images/app/images.yaml:3:5: warning invalid-digest: invalid digest: ha256:1 (accepted by the baseline)\n',
    );
  });
});
