// SPDX-License-Identifier: Apache-2.0
import { ServiceRefusal } from './service-refusal.ts';

/** A JSON object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads a request's body. Throws a 400 when it is no JSON object. */
export function parseJson(body: Buffer | string): JsonObject {
  const value = readJson(body);
  if (value === null) throw new ServiceRefusal(400, 'the body is no JSON object');
  return value;
}

/** A text's JSON object, or null when it is none. */
export function readJson(text: Buffer | string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text.toString());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** The object at a path of names, or null. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject | null {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
  return isObject(found) ? found : null;
}

/** The text at a path of names; '' where there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
  return typeof found === 'string' ? found : '';
}

/** The list at a path of names; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), value);
  return Array.isArray(found) ? found : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
