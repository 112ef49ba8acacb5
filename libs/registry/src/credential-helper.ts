// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { redactText } from '@promograph/errors';
import { passwordOrToken } from './auth-file.ts';
import type { Credential } from './credential.ts';
import { RegistryError } from './registry-error.ts';

const TIMEOUT_MS = 15_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const NOT_FOUND = /credentials not found/i;
const MAX_COMPLAINT = 200;

/** What helpers need of the environment: where things are, and what cloud helpers log in with. Other secrets stay here. */
const ENVIRONMENT =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_.*|TMPDIR|TEMP|TMP|SystemRoot|APPDATA|LOCALAPPDATA|USERPROFILE|PROGRAMDATA|GNUPGHOME|GPG_TTY|(?:HTTPS?|NO)_PROXY|(?:https?|no)_proxy|(?:AWS|AZURE|CLOUDSDK|DBUS|DOCKER|GOOGLE|PASSWORD_STORE|SSL_CERT|XDG)_.*)$/;

/** One run of a helper. */
export interface HelperQuestion {
  /** `docker-credential-<name>`. */
  readonly name: string;
  /** The registry as the helper knows it. */
  readonly server: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Asks a credential helper (docker/docker-credential-helpers, `get`): the server on its standard input, JSON on its standard
 * output, no shell, 15 s. Null when it knows no such server. Error: `REGISTRY_CREDENTIALS`; its standard output is never shown.
 */
export async function askHelper(question: HelperQuestion): Promise<Credential | null> {
  if (!NAME.test(question.name)) {
    throw failed(question, 'has a name that is not allowed', 'Write the part after docker-credential- alone.');
  }
  const { error, stdout, stderr } = await runHelper(question);
  if (error) {
    if (NOT_FOUND.test(stdout) || NOT_FOUND.test(stderr)) return null;
    if (error.code === 'ENOENT') {
      throw failed(question, 'is not installed', 'Install it, or take it out of the login file.');
    }
    const complaint = redactText(stderr).replace(/\s+/g, ' ').trim().slice(0, MAX_COMPLAINT);
    const why = error.killed === true ? `did not answer in ${TIMEOUT_MS / 1000} s` : `failed (${String(error.code)})`;
    throw failed(question, complaint === '' ? why : `${why}: ${complaint}`, 'Run it by hand to see what is wrong.');
  }
  return parseAnswer(question, stdout);
}

interface HelperRun {
  readonly error: { readonly code?: unknown; readonly killed?: boolean | undefined } | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runHelper({ name, server, env }: HelperQuestion): Promise<HelperRun> {
  const allowed = Object.fromEntries(Object.entries(env).filter(([key]) => ENVIRONMENT.test(key)));
  const options = {
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    env: allowed,
    killSignal: 'SIGKILL',
    windowsHide: true,
  } as const;
  return new Promise((resolve) => {
    const child = execFile(`docker-credential-${name}`, ['get'], options, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
    // A helper that does not read its input closes it; what it then says counts.
    child.stdin?.on('error', () => undefined).end(`${server}\n`);
  });
}

function parseAnswer(question: HelperQuestion, stdout: string): Credential | null {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    throw failed(question, 'did not answer with JSON', 'Run it by hand to see what is wrong.');
  }
  const answer = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  const { Username: username, Secret: secret } = answer as { Username?: unknown; Secret?: unknown };
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw failed(question, 'answered without Username and Secret', 'Run it by hand to see what is wrong.');
  }
  // Some helpers say so instead of failing.
  return username === '' && secret === '' ? null : passwordOrToken(username, secret);
}

function failed(question: HelperQuestion, why: string, hint: string): RegistryError {
  const what = `the credential helper docker-credential-${question.name} for ${question.server} ${why}`;
  return new RegistryError('REGISTRY_CREDENTIALS', what, { hint });
}
