// SPDX-License-Identifier: Apache-2.0
export { PromographError, errorMessage, isPromographError } from './promograph-error.ts';
export type { PromographErrorOptions } from './promograph-error.ts';
export { Secret, redactText, redactUrl } from './redact.ts';
