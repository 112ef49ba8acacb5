// SPDX-License-Identifier: Apache-2.0
import { parseDigest } from '@promograph/oci';
import type { ActionKind, PlannedAction, ProjectPlan } from '@promograph/plan';
import { describe, expect, it } from 'vitest';
import { projectsOfPlan, refuseStale } from './stale-plan.ts';

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);

function live(action: ActionKind, tag: string | null): PlannedAction {
  const at = { file: 'images/web/images.yaml', line: 3, column: 5 };
  return {
    action,
    edge: { project: 'web', source: 'a.example/web', destination: 'b.example/web', digest: DIGEST, tag, at },
    observed: null,
    conflicts: [],
    reason: null,
    detail: null,
    isAccepted: false,
  };
}

function planOf(...actions: PlannedAction[]): ProjectPlan[] {
  const summary = { edges: 0, add: 0, tag: 0, present: 0, lost: 0, refused: 0, unreadable: 0, acceptedLost: 0 };
  return [{ project: 'web', summary, actions, allLost: false }];
}

function saved(action: string, tag: string | null): string {
  const edge = { action, digest: DIGEST, source: 'a.example/web', destination: 'b.example/web', tag };
  return JSON.stringify({ formatVersion: '1.0', summary: {}, projects: [{ project: 'web', actions: [edge] }] });
}

describe('refuseStale', () => {
  it.each<[string, string, ProjectPlan[]]>([
    ['an edge that the plan names', saved('add', 'v1'), planOf(live('add', 'v1'))],
    ['an edge that needs only its tag by now', saved('add', 'v1'), planOf(live('tag', 'v1'))],
    ['an edge that someone else has promoted since', saved('add', 'v1'), planOf(live('present', 'v1'))],
    ['an edge that is refused by now', saved('add', 'v1'), planOf(live('refused', 'v1'))],
  ])('lets pass %s', (_name, text, plans) => {
    expect(() => refuseStale(text, plans)).not.toThrow();
  });

  it.each<[string, string, ProjectPlan[]]>([
    ['a tag that the plan does not name', saved('add', 'v1'), planOf(live('add', 'v2'))],
    ['a digest without a tag where the plan names one', saved('add', 'v1'), planOf(live('add', null))],
    ['an edge that the plan called lost', saved('lost', 'v1'), planOf(live('add', 'v1'))],
  ])('refuses %s', (_name, text, plans) => {
    expect(() => refuseStale(text, plans)).toThrow(/stale-plan: the plan does not name 1 of what is missing now/);
  });

  it.each([
    ['text that is not JSON', '{'],
    ['a plan of a newer major format', JSON.stringify({ formatVersion: '2.0', projects: [] })],
    ['JSON of another shape', JSON.stringify({ formatVersion: '1.0', projects: [{ project: 1 }] })],
  ])('says that %s is not a plan', (_name, text) => {
    expect(() => refuseStale(text, [])).toThrow(/^not a plan: /);
  });
});

describe('projectsOfPlan', () => {
  it('names the projects in the plan', () => {
    expect(projectsOfPlan(saved('add', 'v1'))).toEqual(['web']);
  });
});
