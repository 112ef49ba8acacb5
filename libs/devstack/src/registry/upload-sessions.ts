// SPDX-License-Identifier: Apache-2.0
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { rm, truncate, writeFile } from 'node:fs/promises';
import type { DigestAlgorithm } from '@promograph/oci';
import type { Exchange } from './exchange.ts';
import { ProtocolFailure } from './protocol-failure.ts';
import { receiveBody } from './receive-body.ts';

/** An upload between its POST and its closing PUT. Bytes count once their request is answered. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
  readonly algorithm: DigestAlgorithm;
  readonly file: string;
  sizeBytes: number;
  hash: Hash;
  /** Ends, never rejects, when the request before is done with the file. */
  lastTurn: Promise<unknown>;
}

/** The open uploads of a registry. */
export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>();
  readonly #fileOf: (id: string) => string;

  constructor(fileOf: (id: string) => string) {
    this.#fileOf = fileOf;
  }

  get size(): number {
    return this.#sessions.size;
  }

  async start(repository: string, algorithm: DigestAlgorithm): Promise<UploadSession> {
    const id = randomUUID();
    const file = this.#fileOf(id);
    await writeFile(file, '');
    const session = {
      id,
      repository,
      algorithm,
      file,
      sizeBytes: 0,
      hash: createHash(algorithm),
      lastTurn: Promise.resolve(),
    };
    this.#sessions.set(id, session);
    return session;
  }

  find(repository: string, id: string): UploadSession {
    const session = this.#sessions.get(id);
    if (session?.repository !== repository) throw new ProtocolFailure(404, 'BLOB_UPLOAD_UNKNOWN');
    return session;
  }

  /**
   * Runs `work` when the requests before it are done with the session, so that a client which resumes right after its
   * connection broke does not meet its own past. Fails with 404 when one of them ended the session.
   */
  inTurn<Result>(session: UploadSession, work: () => Promise<Result>): Promise<Result> {
    const turn = session.lastTurn.then(() => {
      if (!this.#sessions.has(session.id)) throw new ProtocolFailure(404, 'BLOB_UPLOAD_UNKNOWN');
      return work();
    });
    session.lastTurn = turn.catch(() => undefined);
    return turn;
  }

  /** Appends the request's body: all of it, or, when it is cut, nothing. Answers its length. */
  async append(session: UploadSession, exchange: Exchange): Promise<number> {
    const { file, sizeBytes: offset } = session;
    const hash = session.hash.copy();
    try {
      const length = await receiveBody(exchange, { file, offset, hash });
      session.hash = hash;
      session.sizeBytes += length;
      return length;
    } catch (error) {
      await truncate(file, offset).catch(() => undefined);
      throw error;
    }
  }

  async cancel(session: UploadSession): Promise<void> {
    this.forget(session);
    await rm(session.file, { force: true });
  }

  /** Ends a session whose file has moved to its place. */
  forget(session: UploadSession): void {
    this.#sessions.delete(session.id);
  }
}
