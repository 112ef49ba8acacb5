// SPDX-License-Identifier: Apache-2.0

/** A step of the demo that is not as it should be; the message is one line for the person who ran it. */
export class DemoFailure extends Error {}

/** Ends the demo with one line unless `isTrue`. */
export function expectThat(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) throw new DemoFailure(otherwise);
}
