// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about bytes, YAML and the shape of a mapping, for every file. */
export const YAML_CODES = {
  'yaml-syntax': {
    title: 'The file is not well-formed YAML',
    cause: 'The YAML parser stopped at this place.',
    remedy: 'Correct the syntax; nothing of the project is used until then.',
    severity: 'error',
    isFatal: true,
  },
  'yaml-alias': {
    title: 'The file uses a YAML alias',
    cause: 'Aliases (`*name`) let a small file stand for an enormous one, and hide from a reviewer what is promoted.',
    remedy: 'Write the value out where the alias stands.',
    severity: 'error',
    isFatal: true,
  },
  'yaml-tag': {
    title: 'The file uses an explicit YAML tag',
    cause:
      'Tags such as `!!binary` or `!name` change what a value means; only `!!str`, `!!map` and `!!seq` are harmless.',
    remedy: 'Remove the tag and write the value as plain or quoted text.',
    severity: 'error',
    isFatal: true,
  },
  'multiple-documents': {
    title: 'The file holds more than one YAML document',
    cause: 'A `---` starts a second document; other readers of these files ignore everything behind it.',
    remedy: 'Keep one document per file.',
    severity: 'error',
    isFatal: true,
  },
  'too-deep': {
    title: 'The file is nested too deeply',
    cause: 'Mappings and lists are inside each other beyond the limit (64), which no promotion file needs.',
    remedy: 'Flatten the file.',
    severity: 'error',
    isFatal: true,
  },
  'too-large': {
    title: 'The file is too large',
    cause: 'It has more bytes (16 MiB) or more lexical tokens (2,000,000) than the limit.',
    remedy: 'Split the project into several.',
    severity: 'error',
    isFatal: true,
  },
  'invalid-encoding': {
    title: 'The file is not UTF-8',
    cause: 'The bytes at this place are no UTF-8 sequence.',
    remedy: 'Save the file as UTF-8.',
    severity: 'error',
    isFatal: true,
  },
  'control-character': {
    title: 'The file holds a control character',
    cause:
      'YAML allows tab and line ends only; others (NUL, escape, a lone carriage return, U+2028) are read differently by different tools.',
    remedy: 'Delete the character; end lines with a line feed.',
    severity: 'error',
    isFatal: true,
  },
  'duplicate-key': {
    title: 'A mapping has the same key twice',
    cause: 'Only one of the two values could be meant, for instance two tag lists for one digest.',
    remedy: 'Merge the two entries or delete one.',
    severity: 'error',
    isFatal: true,
  },
  'unknown-key': {
    title: 'A key is not known here',
    cause: 'Unknown keys are refused, so that a misspelt one cannot be ignored silently.',
    remedy: 'Correct the spelling or delete the key.',
    severity: 'error',
    isFatal: true,
  },
  'missing-key': {
    title: 'A required key is missing',
    cause: 'The mapping at this place lacks a key that it must have.',
    remedy: 'Add the key.',
    severity: 'error',
    isFatal: true,
  },
  'wrong-type': {
    title: 'A value has the wrong shape',
    cause: 'A list, mapping or text stands where another of the three is expected.',
    remedy: 'Write the value in the expected shape.',
    severity: 'error',
    isFatal: true,
  },
  'invalid-boolean': {
    title: 'A value is not a boolean',
    cause: 'Booleans are written true, yes, on, y or false, no, off, n, without quotes.',
    remedy: 'Write true or false.',
    severity: 'error',
    isFatal: true,
  },
  'unreadable-file': {
    title: 'A file or directory of the tree cannot be read',
    cause: 'The operating system refused, for instance for lack of permission.',
    remedy: 'Make it readable for the user that runs promograph.',
    severity: 'error',
    isFatal: true,
  },
} as const satisfies Record<string, FindingExplanation>;
