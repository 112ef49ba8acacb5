// SPDX-License-Identifier: Apache-2.0
import type { ActionClass } from './limiter.ts';
import { LimiterError } from './limiter-error.ts';

/** At most `requests` grants in any span of `windowMs`, of all actions (null) or of those named. */
export interface Quota {
  readonly requests: number;
  readonly windowMs: number;
  readonly actions: readonly ActionClass[] | null;
}

/** The budget of one host, as data: what holds is the strictest of all that apply to an action. */
export interface HostLimits {
  /** Requests per second over all actions, or null for no such cap. */
  readonly perSecond: number | null;
  readonly quotas: readonly Quota[];
}

/** `limits` as they are, or `LIMITER_INVALID_CAP` where a number makes no budget. */
export function checkedLimits(host: string, limits: HostLimits): HostLimits {
  const { perSecond, quotas } = limits;
  if (perSecond !== null && !isPositive(perSecond)) {
    const what = `budget of ${host} must be more than 0 requests per second, not ${perSecond}`;
    throw new LimiterError('LIMITER_INVALID_CAP', what);
  }
  for (const { requests, windowMs } of quotas) {
    if (isPositive(windowMs) && isPositive(requests)) continue;
    throw new LimiterError('LIMITER_INVALID_CAP', `no budget of ${host}: ${requests} requests in ${windowMs} ms`);
  }
  return limits;
}

/** Names a quota within its host; the same numbers are the same quota to every process. */
export function quotaId({ requests, windowMs, actions }: Quota): string {
  return `${requests}/${windowMs}/${actions === null ? '*' : [...actions].sort().join('+')}`;
}

/** Whether the quota counts requests of this kind. */
export function counts({ actions }: Quota, action: ActionClass): boolean {
  return actions === null || actions.includes(action);
}

/** The part of a budget that one of several may use alone; windows keep at least one request. */
export function shareOf(limits: HostLimits, share: number): HostLimits {
  return {
    perSecond: limits.perSecond === null ? null : limits.perSecond * share,
    quotas: limits.quotas.map((quota) => ({ ...quota, requests: Math.max(1, Math.floor(quota.requests * share)) })),
  };
}

function isPositive(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}
