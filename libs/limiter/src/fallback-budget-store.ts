// SPDX-License-Identifier: Apache-2.0
import type { Answer, BudgetStore, Returned } from './budget-store.ts';
import type { Clock } from './clock.ts';
import { FEWEST_PROCESSES, LOST_STORE_CHECK_MS, UNKNOWN_PROCESSES } from './defaults.ts';
import { type HostLimits, quotaId, shareOf } from './host-limits.ts';
import {
  type Asking,
  freshState,
  type Given,
  type HostState,
  noteRefusal,
  type Refusal,
  returnSlots,
  takeSlots,
} from './host-state.ts';
import type { ActionClass } from './limiter.ts';

/** What happens while the store that all share is away. */
export interface FallbackOptions {
  readonly primary: BudgetStore;
  readonly clock: Clock;
  /** Part of every budget that this process then uses. Default: one divided by the processes that the store last told. */
  readonly share?: number;
  /** Told once when the store is lost, and once when it is back. */
  readonly onLost: (share: number, cause: unknown) => void;
  readonly onBack: () => void;
}

/**
 * The budgets of `primary`; while that cannot be reached a share of them, kept in this process: never none, never without a
 * limit. What was spent meanwhile is told to `primary` when it is back.
 */
export function createFallbackBudgetStore(options: FallbackOptions): BudgetStore {
  return new FallbackStore(options);
}

/** What is known of one budget for the time without the store. */
interface Local {
  limits: HostLimits;
  used: Readonly<Record<string, number>>;
  state: HostState | null;
  spent: Partial<Record<ActionClass, number>>;
}

class FallbackStore implements BudgetStore {
  readonly #options: FallbackOptions;
  readonly #locals = new Map<string, Local>();
  #processes: number | null = null;
  #isLost = false;
  #isClosed = false;
  #share = 1;
  #cancelCheck: (() => void) | null = null;

  constructor(options: FallbackOptions) {
    this.#options = options;
  }

  get scope(): BudgetStore['scope'] {
    return this.#options.primary.scope;
  }

  take(subject: string, asking: Asking): Answer<Given> {
    const local = this.#localOf(subject, asking.limits);
    const note = (given: Given): Given => {
      local.used = given.used ?? {};
      this.#processes = given.processes ?? this.#processes;
      return given;
    };
    return this.#either(
      () => this.#options.primary.take(subject, asking),
      () => this.#takeLocally(local, asking),
      note,
    );
  }

  refuse(subject: string, refusal: Refusal): Answer<void> {
    const local = this.#localOf(subject, refusal.limits);
    const here = (): void => {
      const limits = shareOf(refusal.limits, this.#share);
      noteRefusal(this.#stateOf(local), this.#options.clock.now(), { ...refusal, limits });
    };
    return this.#either(() => this.#options.primary.refuse(subject, refusal), here);
  }

  giveBack(subject: string, returned: Returned): Answer<void> {
    const local = this.#localOf(subject, returned.limits);
    const here = (): void => {
      const { actions, limits, mark } = returned;
      returnSlots(this.#stateOf(local), shareOf(limits, this.#share), { actions, mark });
    };
    return this.#either(() => this.#options.primary.giveBack(subject, returned), here);
  }

  check(): Answer<void> {
    return this.#options.primary.check();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelCheck?.();
    await this.#options.primary.close();
  }

  /** The primary's answer, or this process's own where the primary has none. */
  #either<T>(there: () => Answer<T>, here: () => T, note: (answer: T) => T = (answer) => answer): Answer<T> {
    if (this.#isLost) return here();
    const instead = (error: unknown): T => {
      this.#lose(error);
      return here();
    };
    try {
      const answer = there();
      return answer instanceof Promise ? answer.then(note, instead) : note(answer);
    } catch (error) {
      return instead(error);
    }
  }

  #takeLocally(local: Local, asking: Asking): Given {
    const limits = shareOf(asking.limits, this.#share);
    const given = takeSlots(this.#stateOf(local), this.#options.clock.now(), { ...asking, limits });
    for (const action of given.granted) local.spent[action] = (local.spent[action] ?? 0) + 1;
    return given;
  }

  #localOf(subject: string, limits: HostLimits): Local {
    const known = this.#locals.get(subject);
    if (known) return known;
    const fresh: Local = { limits, used: {}, state: null, spent: {} };
    this.#locals.set(subject, fresh);
    return fresh;
  }

  /** Begins with this process's share of what the long windows held when the store was last heard. */
  #stateOf(local: Local): HostState {
    if (local.state) return local.state;
    const state = freshState();
    const now = this.#options.clock.now();
    const own = shareOf(local.limits, this.#share).quotas;
    for (const [index, quota] of local.limits.quotas.entries()) {
      const used = Math.ceil((local.used[quotaId(quota)] ?? 0) * this.#share);
      const share = own[index];
      if (share && used > 0) state.windows[quotaId(share)] = [[now, now, used]];
    }
    return (local.state = state);
  }

  #lose(cause: unknown): void {
    if (this.#isLost || this.#isClosed) return;
    this.#isLost = true;
    const processes = Math.max(FEWEST_PROCESSES, this.#processes ?? UNKNOWN_PROCESSES);
    this.#share = this.#options.share ?? 1 / processes;
    this.#options.onLost(this.#share, cause);
    this.#checkLater();
  }

  #checkLater(): void {
    this.#cancelCheck = this.#options.clock.schedule(LOST_STORE_CHECK_MS, () => void this.#checkAgain());
  }

  async #checkAgain(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.#options.primary.check();
      for (const [subject, { limits, spent }] of this.#locals) {
        await this.#options.primary.take(subject, { limits, wanted: [], spent });
      }
    } catch {
      return this.#checkLater();
    }
    for (const local of this.#locals.values()) Object.assign(local, { state: null, spent: {} });
    this.#isLost = false;
    this.#options.onBack();
  }
}
