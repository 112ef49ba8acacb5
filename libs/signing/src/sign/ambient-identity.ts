// SPDX-License-Identifier: Apache-2.0
import { BoundAuthorization } from '@promograph/registry';
import { SigningError } from '../signing-error.ts';
import { stringField } from './json-field.ts';
import type { TokenRequest } from './token-source.ts';

const GITHUB = { code: 'SIGNING_TOKEN', name: 'the token service of GitHub Actions' } as const;
const TIMEOUT_MS = 20_000;

/** The token of a GitHub Actions job that has `id-token: write`. */
export async function githubToken({ audience, client, env }: TokenRequest): Promise<string> {
  const [address, bearer] = [env['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '', env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''];
  if (!URL.canParse(address) || bearer === '') {
    throw new SigningError('SIGNING_TOKEN', 'this job cannot ask GitHub Actions for an identity token', {
      hint: 'Give the job permissions: id-token: write.',
    });
  }
  const url = new URL(address);
  url.searchParams.set('audience', audience);
  const answer = await client.call({
    role: GITHUB,
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    authorization: BoundAuthorization.bearer(url.origin, bearer),
    action: 'token',
    timeoutMs: TIMEOUT_MS,
  });
  return stringField(answer.body, 'value', GITHUB);
}

/** The token that the environment holds. */
export function environmentToken(variable: string, { env }: TokenRequest): string {
  const token = env[variable] ?? '';
  if (token !== '') return token;
  throw new SigningError('SIGNING_TOKEN', `${variable} is not set`, {
    hint: `Set ${variable} to an identity token for audience sigstore.`,
  });
}

/** The token in a file, read anew each time: whoever projects it also renews it. */
export async function fileToken(path: string, read: (path: string) => Promise<string>): Promise<string> {
  try {
    return await read(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SigningError('SIGNING_TOKEN', `the identity token file ${path} cannot be read (${code})`);
  }
}
