// SPDX-License-Identifier: Apache-2.0
// What the pages of docs/reference are generated from. Inside the repository only: it is not published.
export { environmentName } from './environment-flags.ts';
export { ERROR_CODES } from './errors/error-catalogue.ts';
export type { ErrorExplanation } from './errors/error-explanation.ts';
export { REFUSALS } from './errors/refusals.ts';
export { EXIT_CODE_MEANINGS, EXIT_CODES } from './exit-code.ts';
export { createProgram } from './program.ts';
