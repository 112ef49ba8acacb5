// SPDX-License-Identifier: Apache-2.0
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** An option value that is a whole number of at least 0. */
export function parseWhole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is no whole number.');
  return Number(text);
}

/** An option value between 0 and 1. */
export function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('It is no number between 0 and 1.');
  return share;
}
