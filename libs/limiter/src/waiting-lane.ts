// SPDX-License-Identifier: Apache-2.0

/** What waits in a lane; dead when it was taken out before its turn. */
export interface Waiting {
  isLive: boolean;
}

/** A line of what waits, first come first: constant cost for each, no memory kept for those that are gone. */
export class WaitingLane<Entry extends Waiting> {
  #entries: Entry[] = [];
  #head = 0;

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** The first that is alive. */
  first(): Entry | undefined {
    while (this.#head < this.#entries.length && !this.#entries[this.#head]?.isLive) this.#head += 1;
    if (this.#head * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#head = 0;
    }
    return this.#entries[this.#head];
  }

  /** The first `most` that are alive. */
  firstOf(most: number): Entry[] {
    const found: Entry[] = [];
    for (let index = this.#head; index < this.#entries.length && found.length < most; index += 1) {
      const entry = this.#entries[index];
      if (entry?.isLive) found.push(entry);
    }
    return found;
  }
}
