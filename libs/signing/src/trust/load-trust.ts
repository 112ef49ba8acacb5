// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { TrustedRoot, type SigningConfig } from '@sigstore/protobuf-specs';
import { errorMessage } from '@promograph/errors';
import { shareFlight } from '../sign/share-flight.ts';
import { parseSigningConfig } from '../sign/signing-services.ts';
import { SigningError, type SigningErrorCode } from '../signing-error.ts';
import { readTufTargets, type TufOptions } from './tuf-repository.ts';

/** Where trusted roots and signing config come from: what is not named as a file comes from TUF. */
export interface TrustOptions {
  /** Paths of trusted roots (JSON). */
  readonly trustedRoots?: readonly string[];
  /** Path of a signing config (v0.2, JSON). */
  readonly signingConfig?: string;
  /** Null: files only. */
  readonly tuf: TufOptions | null;
}

/** Whom to trust and where to sign. Read when first asked for, then kept. */
export interface Trust {
  trustedRoots(signal?: AbortSignal): Promise<readonly TrustedRoot[]>;
  signingConfig(signal?: AbortSignal): Promise<SigningConfig>;
}

const ROOT_TARGET = 'trusted_root.json';
const CONFIG_TARGET = 'signing_config.v0.2.json';
const ROOT_MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/;

/** Trust from files, from TUF, or of each something. Errors: `SIGNING_TRUST`, and `SIGNING_CONFIG` of the config. */
export function loadTrust(options: TrustOptions): Trust {
  const fromTuf = once(async () => {
    const { tuf } = options;
    if (tuf === null) throw new SigningError('SIGNING_CONFIG', 'neither a file nor a TUF repository is named');
    const [root = null, config = null] = await readTufTargets(tuf, [ROOT_TARGET, CONFIG_TARGET]);
    return { root: () => present(root, ROOT_TARGET), config: () => present(config, CONFIG_TARGET) };
  });
  const { trustedRoots: paths, signingConfig: path } = options;
  return {
    trustedRoots: once(async (): Promise<readonly TrustedRoot[]> => {
      if (paths === undefined || paths.length === 0) return [parseTrustedRoot((await fromTuf()).root(), ROOT_TARGET)];
      return Promise.all(paths.map(async (at) => parseTrustedRoot(await readTrustFile(at, 'SIGNING_TRUST'), at)));
    }),
    signingConfig: once(async () =>
      parseSigningConfig(path === undefined ? (await fromTuf()).config() : await readTrustFile(path, 'SIGNING_CONFIG')),
    ),
  };
}

/** Reads a sigstore trusted root; `name` is for messages. Error `SIGNING_TRUST`. */
export function parseTrustedRoot(bytes: Buffer, name: string): TrustedRoot {
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8'));
    const mediaType = typeof json === 'object' && json !== null && 'mediaType' in json ? String(json.mediaType) : '';
    if (!ROOT_MEDIA_TYPE.test(mediaType)) throw new Error(`media type ${JSON.stringify(mediaType)}`);
    return TrustedRoot.fromJSON(json);
  } catch (error) {
    throw new SigningError('SIGNING_TRUST', `${name} is no sigstore trusted root: ${errorMessage(error)}`);
  }
}

function present(target: Buffer | null, name: string): Buffer {
  if (target !== null) return target;
  throw new SigningError('SIGNING_TRUST', `the TUF repository has no ${name}`, { hint: 'Name a file instead.' });
}

async function readTrustFile(path: string, code: SigningErrorCode): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SigningError(code, `${path} cannot be read: ${errorMessage(cause)}`, {
      cause,
      hint: 'Check the path below `signing` in promograph.yaml, relative to that file, and who may read it.',
    });
  }
}

/** Works once for all who ask; a failure is not kept. */
function once<T>(work: () => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let kept: { readonly value: T } | null = null;
  const shared = shareFlight(async () => {
    kept = { value: await work() };
    return kept.value;
  });
  return async (signal) => kept?.value ?? shared(signal);
}
