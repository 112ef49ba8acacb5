// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs of other projects that tests compare with or check against. */
export type PeerProgram =
  | 'containerd'
  | 'cosign2'
  | 'cosign3'
  | 'crane'
  | 'ctr'
  | 'docker-registry'
  | 'docker-registry-system'
  | 'oras'
  | 'redis-server'
  | 'skopeo'
  | 'workerd';

/** All of them, in the order in which they are reported. */
export const PEER_PROGRAMS: readonly PeerProgram[] = [
  'containerd',
  'cosign2',
  'cosign3',
  'crane',
  'ctr',
  'docker-registry',
  'docker-registry-system',
  'oras',
  'redis-server',
  'skopeo',
  'workerd',
];

/** Directory that `e2e/install-tools.sh` fills; programs are in its `bin`. */
export function peerDirectory(): string {
  return process.env['PROMOGRAPH_E2E_TOOLS'] ?? fileURLToPath(new URL('../../.e2e/tools', import.meta.url));
}

/** The program's path, or null when it is not installed. */
export function findPeer(program: PeerProgram): string | null {
  const directories = [join(peerDirectory(), 'bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  const paths = directories.map((directory) => join(directory, program));
  return paths.find(isExecutable) ?? null;
}

/** The program's path. Throws with what to do when it is missing: a peer that is not there proves nothing. */
export function requirePeer(program: PeerProgram): string {
  const path = findPeer(program);
  if (path === null) throw new Error(`${program} is missing: run e2e/install-tools.sh ${peerDirectory()}`);
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
