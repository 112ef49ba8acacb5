// SPDX-License-Identifier: Apache-2.0

/** Bounds on one file of a tree, checked before anything is built from it: trees come from pull requests. */
export interface InputLimits {
  /** Bytes of a file. */
  readonly maxBytes: number;
  /** Mappings and lists inside each other. */
  readonly maxDepth: number;
  /** Lexical tokens of a file: it bounds memory, which a file of brackets would need far more of than its size says. */
  readonly maxTokens: number;
}

/**
 * 16 MiB is five times the largest promotion file known (3 MB, 260,000 tokens, 5 deep); 64 levels is far below where a
 * recursive reader exhausts its stack.
 */
export const DEFAULT_INPUT_LIMITS: InputLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 64, maxTokens: 2_000_000 };
