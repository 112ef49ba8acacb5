// SPDX-License-Identifier: Apache-2.0
import { PromographError } from '@promograph/errors';
import type { PlannedAction } from '@promograph/plan';
import type { EdgeResult } from './edge-result.ts';
import type { GateVerdict } from './gate/gate-ports.ts';
import { PromoterError } from './promoter-error.ts';

/** Why nothing may be written for an edge that needs work; null where it may. */
export interface EdgeRefusal {
  /** The project has findings that are errors. */
  readonly isProjectRefused: boolean;
  readonly verdict: GateVerdict | undefined;
  /** Why the digest cannot be signed, where this run signs. */
  readonly unsignable: PromoterError | null;
}

/** The result of an edge that needs no work, or may not have it; null for one that is to be done. */
export function edgeWithoutWork(planned: PlannedAction, refusal: EdgeRefusal): EdgeResult | null {
  switch (planned.action) {
    case 'present':
    case 'lost':
    case 'refused':
      return { planned, outcome: planned.action };
    case 'unreadable':
      return { planned, outcome: 'failed', error: new PromoterError('PROMOTER_UNREADABLE', planned.detail ?? '') };
    case 'add':
    case 'tag':
      return refusalOf(planned, refusal);
  }
}

function refusalOf(planned: PlannedAction, { isProjectRefused, verdict, unsignable }: EdgeRefusal): EdgeResult | null {
  if (isProjectRefused) return { planned, outcome: 'refused', error: invalidProject() };
  if (unsignable !== null) return { planned, outcome: 'refused', error: unsignable };
  if (verdict !== undefined && verdict.failure !== null) return { planned, outcome: 'failed', error: verdict.failure };
  const refused = verdict?.gated.refused;
  if (refused === undefined) return null;
  const error = new PromographError(refused.code, refused.message, {
    hint: `\`promograph explain ${refused.code}\` tells what it means and what to do.`,
  });
  return { planned, outcome: 'refused', reason: refused.reason, error };
}

/** An edge that was cut off or never begun. */
export function skippedEdge(planned: PlannedAction, why: string): EdgeResult {
  const hint = 'Run again: what is done is found done.';
  return { planned, outcome: 'skipped', error: new PromoterError('PROMOTER_STOPPED', why, { hint, retryable: true }) };
}

function invalidProject(): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', 'the project has findings that are errors', {
    hint: 'Mend them, or accept them with `promograph validate --write-baseline`.',
  });
}
