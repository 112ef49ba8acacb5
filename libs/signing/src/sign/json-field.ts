// SPDX-License-Identifier: Apache-2.0
import { SigningError } from '../signing-error.ts';
import type { ServiceRole } from './service-failure.ts';

/** A JSON answer of a service, or the role's error; nothing of the answer is quoted, because it may be a token. */
export function parseAnswer(body: Buffer, role: ServiceRole): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new SigningError(role.code, `${role.name} gave an answer that is not JSON`);
  }
}

/** A string of a JSON object, or the role's error. */
export function stringField(body: Buffer, field: string, role: ServiceRole): string {
  const json = parseAnswer(body, role);
  const value = typeof json === 'object' && json !== null ? (json as Record<string, unknown>)[field] : undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw new SigningError(role.code, `${role.name} gave an answer without ${field}`);
}
