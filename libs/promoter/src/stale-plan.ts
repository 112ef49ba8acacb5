// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, ProjectPlan } from '@promograph/plan';
import { z } from 'zod';
import { PromoterError } from './promoter-error.ts';

const planSchema = z.looseObject({
  formatVersion: z.string().regex(/^1\./),
  projects: z.array(
    z.looseObject({
      project: z.string(),
      actions: z.array(
        z.looseObject({
          action: z.string(),
          digest: z.string(),
          source: z.string(),
          destination: z.string(),
          tag: z.string().nullable(),
        }),
      ),
    }),
  ),
});

type SavedPlan = z.infer<typeof planSchema>;

/** Projects that a saved plan speaks of. Error: `PROMOTER_INVALID_PLAN`. */
export function projectsOfPlan(text: string): string[] {
  return parsePlan(text).projects.map(({ project }) => project);
}

/**
 * Refuses to go on when the live plan would write anything that the saved plan does not name. What the plan names and
 * someone else has done since is fine. Error: `PROMOTER_STALE_PLAN`, naming the first difference and their number.
 */
export function refuseStale(text: string, live: readonly ProjectPlan[]): void {
  const allowed = new Set<string>();
  for (const { project, actions } of parsePlan(text).projects) {
    for (const saved of actions) if (isWrite(saved.action)) allowed.add(keyOf(project, saved));
  }
  const outside = live.flatMap(({ project, actions }) =>
    actions.filter(({ action, edge }) => isWrite(action) && !allowed.has(keyOf(project, edge))),
  );
  const first = outside[0];
  if (first !== undefined) throw staleError(first, outside.length);
}

function staleError({ action, edge }: PlannedAction, count: number): PromoterError {
  const what = `${action} ${edge.destination}${edge.tag === null ? '' : `:${edge.tag}`} ${edge.digest}`;
  return new PromoterError(
    'PROMOTER_STALE_PLAN',
    `stale-plan: the plan does not name ${count} of what is missing now, first ${what}`,
    {
      hint: 'Nothing was written. Make a new plan, review it, and promote that one.',
    },
  );
}

function isWrite(action: string): boolean {
  return action === 'add' || action === 'tag';
}

function keyOf(
  project: string,
  edge: { readonly source: string; readonly digest: string; readonly destination: string; readonly tag: string | null },
): string {
  return [project, edge.source, edge.digest, edge.destination, edge.tag ?? ''].join(' ');
}

function parsePlan(text: string): SavedPlan {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalidPlan('it is not JSON', cause);
  }
  const parsed = planSchema.safeParse(json);
  if (!parsed.success) throw invalidPlan(z.prettifyError(parsed.error), parsed.error);
  return parsed.data;
}

function invalidPlan(why: string, cause: unknown): PromoterError {
  return new PromoterError('PROMOTER_INVALID_PLAN', `not a plan: ${why}`, {
    cause,
    hint: 'Make one with `promograph plan --output json`.',
  });
}
