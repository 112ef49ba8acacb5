// SPDX-License-Identifier: Apache-2.0
import type { TextOptions } from '@promograph/report';
import type { TextOutput } from '../cli-context.ts';

/** Layout of text for an output: its columns and colours; `next` replaces the command that a report suggests. */
export function textOptions(output: TextOutput, next?: string): TextOptions {
  return {
    colour: output.hasColour,
    ...(output.columns === null ? {} : { width: output.columns }),
    ...(next === undefined ? {} : { next }),
  };
}
