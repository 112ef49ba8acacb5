// SPDX-License-Identifier: Apache-2.0
import type { Dispatcher } from 'undici';
import type { RegistryDiagnostic } from './registry-error.ts';

/** More of an error's body is not read (go-containerregistry's limit). */
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_DIAGNOSTICS = 10;
const MAX_TEXT = 300;

type Body = Dispatcher.ResponseData['body'];

/**
 * What the body of a refusal says, after `scrub`: the `errors` of the distribution specification, the `error` of OAuth,
 * else a short plain text. Never fails: a body that cannot be read says nothing.
 */
export async function readDiagnostics(
  body: Body,
  scrub: (text: string) => string,
): Promise<{ readonly diagnostics: readonly RegistryDiagnostic[]; readonly text: string }> {
  const text = scrub((await readStart(body)).toString('utf8').trim());
  return { diagnostics: text === '' ? [] : diagnosticsOf(text), text };
}

async function readStart(body: Body): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > MAX_ERROR_BYTES) break;
    }
  } catch {
    // The refusal itself is known from the status; its explanation got lost.
  }
  return Buffer.concat(chunks).subarray(0, MAX_ERROR_BYTES);
}

function diagnosticsOf(text: string): RegistryDiagnostic[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text.startsWith('<') ? [] : [{ code: cut(text), message: '' }];
  }
  if (!isRecord(json)) return [];
  if (Array.isArray(json['errors'])) return json['errors'].slice(0, MAX_DIAGNOSTICS).flatMap(diagnosticOf);
  const error = json['error'] ?? json['message'];
  return typeof error === 'string' ? [{ code: cut(error), message: textOf(json['error_description']) }] : [];
}

function diagnosticOf(entry: unknown): RegistryDiagnostic[] {
  if (!isRecord(entry)) return [];
  const diagnostic = { code: textOf(entry['code']), message: textOf(entry['message']) };
  return diagnostic.code === '' && diagnostic.message === '' ? [] : [diagnostic];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? cut(value) : '';
}

/** One line, of bearable length. */
function cut(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').slice(0, MAX_TEXT);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
