// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { digest } from '@promograph/plan/testing';
import { lostPlans, mixedPlans, quietPlans } from '../test/fixtures.ts';
import type { PlanReportAction } from './plan-artifact.ts';
import { planReport } from './plan-report.ts';
import { printPlanJson } from './print-json.ts';

const report = planReport(mixedPlans());

function find(match: Partial<PlanReportAction>): PlanReportAction | undefined {
  return report.projects
    .flatMap(({ actions }) => actions)
    .find((action) => Object.entries(match).every(([key, value]) => action[key as keyof PlanReportAction] === value));
}

describe('planReport', () => {
  it('counts every project and all of them', () => {
    expect(report.summary).toEqual({
      edges: 40,
      add: 12,
      tag: 4,
      present: 5,
      lost: 5,
      refused: 4,
      unreadable: 10,
      acceptedLost: 2,
    });
    expect(report.projects.map(({ project, summary }) => [project, summary.edges])).toEqual([
      ['alpha', 36],
      ['beta', 3],
      ['gamma', 1],
    ]);
  });

  it('gives an edge without particulars exactly the contracted fields, in their order', () => {
    const add = find({ action: 'add', tag: 'v1', digest: digest('ac') });

    expect(Object.entries(add ?? {})).toEqual([
      ['action', 'add'],
      ['digest', digest('ac')],
      ['source', 'gcr.io/other/baz'],
      ['destination', 'eu.example.org/prod/baz'],
      ['tag', 'v1'],
      ['at', 'images/beta/images.yaml:4:80'],
    ]);
  });

  it('names what a moved tag resolves to', () => {
    expect(find({ reason: 'tag-move' })).toMatchObject({ action: 'refused', observed: digest('99') });
    expect(find({ reason: 'tag-move' })).not.toHaveProperty('conflicts');
  });

  it('names all digests of an overlap', () => {
    expect(find({ reason: 'overlap' })).toMatchObject({ conflicts: [digest('aa'), digest('ab')] });
    expect(find({ reason: 'overlap' })).not.toHaveProperty('observed');
  });

  it('says why an edge is unreadable, and which losses are acknowledged', () => {
    expect(find({ action: 'unreadable' })?.detail).toBe(
      'asia.example.org/prod/foo: 503 Service Unavailable after 4 tries',
    );
    expect(find({ action: 'lost', tag: 'v6' })?.accepted).toBe(true);
    expect(find({ action: 'lost', tag: null })).not.toHaveProperty('accepted');
  });

  it('lists what is present only when all is asked for', () => {
    const count = (all: boolean): number =>
      planReport(mixedPlans(), { all })
        .projects.flatMap(({ actions }) => actions)
        .filter(({ action }) => action === 'present').length;

    expect(count(false)).toBe(0);
    expect(count(true)).toBe(5);
  });

  it('counts destinations over all edges, also those that it does not list', () => {
    expect(planReport(quietPlans()).projects[0]).toMatchObject({ destinations: 1, actions: [] });
    expect(report.projects[0]?.destinations).toBe(3);
  });

  it('marks a project of which nothing was found', () => {
    expect(planReport(lostPlans()).projects[0]?.allLost).toBe(true);
    expect(report.projects.map(({ allLost }) => allLost)).toEqual([false, false, false]);
  });

  it('leaves the count of acknowledged losses out where there are none', () => {
    expect(planReport(quietPlans()).summary).not.toHaveProperty('acceptedLost');
  });
});

describe('printPlanJson', () => {
  it('is the JSON of the report, with one newline at the end', () => {
    const text = printPlanJson(report);

    expect(JSON.parse(text)).toEqual(report);
    expect(text).toMatch(/[^\n]\n$/);
  });

  it.each([
    ['no projects', planReport([])],
    ['a project without actions', planReport(quietPlans())],
    ['inputs', planReport(quietPlans(), { inputs: { manifest: '', images: '', config: null, baseline: null } })],
  ])('is JSON with %s', (_name, value) => {
    expect(JSON.parse(printPlanJson(value))).toEqual(value);
  });

  it('has one line per action', () => {
    const actions = report.projects.flatMap((project) => project.actions).length;

    expect(printPlanJson(report).match(/^ {8}\{"action":.*\},?$/gm)).toHaveLength(actions);
  });

  it('is the same text for the same plan', () => {
    expect(printPlanJson(planReport(mixedPlans()))).toBe(printPlanJson(report));
  });
});
