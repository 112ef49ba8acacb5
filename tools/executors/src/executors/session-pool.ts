// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import type { PromoterEvent, Session, SessionOptions } from '@promograph/promoter';

/** Where a session works; both absolute. */
export interface SessionPlace {
  readonly treeDir: string;
  readonly stateDir: string;
}

export interface SessionPoolOptions {
  readonly openSession: (options: SessionOptions) => Promise<Session>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: PromoterEvent) => void;
}

/** One session per tree, shared by all tasks of a batch: one read of the tree, one set of connections, one budget. */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** Opens the session on first use; a failure to open is every task's failure. */
  get(place: SessionPlace): Promise<Session> {
    const key = JSON.stringify([place.treeDir, place.stateDir]);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      const { openSession, signal, onEvent } = this.#options;
      const surroundings = { cwd: place.treeDir, env: process.env, homeDir: homedir(), signal, onEvent };
      session = openSession({ ...surroundings, treeDir: place.treeDir, stateDir: place.stateDir });
      this.#sessions.set(key, session);
    }
    return session;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#sessions.values());
    this.#sessions.clear();
    await Promise.allSettled(opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.close()] : [])));
  }
}
