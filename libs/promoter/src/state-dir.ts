// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorMessage } from '@promograph/errors';
import { PromoterError } from './promoter-error.ts';

/** Files that the stages leave for each project. */
export type ArtifactName =
  | 'snapshot.json'
  | 'plan.json'
  | 'validate.json'
  | 'promote.json'
  | 'promote.jsonl'
  | 'sign.json'
  | 'attest.json'
  | 'replicate.json';

/** Where an artifact of a project stands: `<stateDir>/<project>/<name>`. */
export function artifactPath(stateDir: string, project: string, name: ArtifactName): string {
  return join(stateDir, project, name);
}

/**
 * Writes whole files only: a reader sees the old bytes or the new ones. A file that has these bytes already stays as it
 * is: many file systems wait for the disk when one file replaces another. Error: `PROMOTER_STATE`.
 */
export function writeArtifact(path: string, text: string): void {
  try {
    if (holds(path, text)) return;
    mkdirSync(dirname(path), { recursive: true });
    const partial = `${path}.${process.pid}.partial`;
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (cause) {
    throw new PromoterError('PROMOTER_STATE', `cannot write ${path}: ${errorMessage(cause)}`, {
      cause,
      hint: 'Name a writable directory with --state-dir DIR.',
    });
  }
}

function holds(path: string, text: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.size === Buffer.byteLength(text) && readFileSync(path, 'utf8') === text;
}

/** The artifact's text, or null when there is none. */
export function readArtifact(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new PromoterError('PROMOTER_STATE', `cannot read ${path}: ${errorMessage(cause)}`, { cause });
  }
}
