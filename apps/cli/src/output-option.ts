// SPDX-License-Identifier: Apache-2.0
import { Option } from '@commander-js/extra-typings';

/** Forms that plan, validate and promote print their result in. */
export type ResultFormat = 'text' | 'json' | 'markdown';

/** `--output text|json|markdown`. */
export function outputOption(): Option<'--output <format>', undefined, 'text', undefined, false, ResultFormat> {
  return new Option('--output <format>', 'form of the result on stdout')
    .choices(['text', 'json', 'markdown'] as const)
    .default('text' as const);
}
