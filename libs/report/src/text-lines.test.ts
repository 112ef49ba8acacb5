// SPDX-License-Identifier: Apache-2.0
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { hostilePlans } from '../test/fixtures.ts';
import type { EdgeLine } from './edge-line.ts';
import { planReport } from './plan-report.ts';
import { renderPlanText } from './plan-text.ts';
import { textLines } from './text-lines.ts';

const line = (change: Partial<EdgeLine>): EdgeLine => ({
  kind: 'add',
  source: 's/a',
  digest: `sha256:${'ab'.repeat(32)}`,
  tag: 'v1',
  destination: 'd/a',
  at: 'f:1:1',
  notes: [],
  isForAction: false,
  isAboutRegistry: false,
  ...change,
});

describe('textLines', () => {
  it('wraps many tags at the width and loses none', () => {
    const tags = Array.from({ length: 40 }, (_, index) => `v1.${index}`);

    const lines = textLines(
      tags.map((tag) => line({ tag })),
      { destinations: 1, width: 60 },
    );

    expect(lines.length).toBeGreaterThan(4);
    for (const text of lines) expect(stringWidth(text)).toBeLessThanOrEqual(60);
    expect(lines.join(' ').match(/v1\.\d+/g)).toEqual(tags);
  });

  it('says how many of all destinations, and which where it is not all of them', () => {
    const all = ['d/a', 'e/a', 'f/a'].map((destination) => line({ destination }));
    const some = ['d/a', 'f/a'].map((destination) => line({ destination, digest: `sha256:${'cd'.repeat(32)}` }));

    expect(textLines([...all, ...some], { destinations: 3 })).toEqual([
      '  s/a',
      '    + sha256:abababababab  3 of 3 destinations  v1',
      '    + sha256:cdcdcdcdcdcd  2 of 3 destinations  v1',
      '          d/a',
      '          f/a',
    ]);
  });

  it('aligns columns by what is seen, not by what is stored', () => {
    const lines = textLines([line({ destination: '안녕' }), line({ destination: 'abcd', tag: 'v2' })], {
      destinations: 1,
    });

    expect(lines.slice(1).map((text) => stringWidth(text.slice(0, text.indexOf('  v'))))).toEqual([34, 34]);
  });

  it('says in how many more places a folded line stands', () => {
    const refused = { kind: 'refused', isForAction: true, notes: ['why'] } as const;

    expect(textLines([line(refused), line({ ...refused, tag: 'v2', at: 'f:2:1' })], { destinations: 1 }).at(-1)).toBe(
      '        at f:1:1 and 1 more place',
    );
  });

  it('lets no name through that a terminal would act on', () => {
    expect(renderPlanText(planReport(hostilePlans())).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  });
});
