// SPDX-License-Identifier: Apache-2.0
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Architecture } from './architecture.ts';
import type { Violation } from './violation.ts';

const object = (message: string): Violation => ({ at: 'architecture.json', rule: 'layers/table', message });

/** Checks the table itself: every arrow points down, pure rooms lean on pure rooms, rooms and directories are the same. */
export async function checkTable(root: string, architecture: Architecture): Promise<readonly Violation[]> {
  return [...checkArrows(architecture), ...(await checkDirectories(root, architecture))];
}

function checkArrows(architecture: Architecture): readonly Violation[] {
  return Object.entries(architecture.rooms).flatMap(([name, room]) =>
    room.mayImport.flatMap((target) => {
      const below = architecture.rooms[target];
      if (below === undefined) return [object(`${name} may import ${target}, which is no room`)];
      const isDown = below.layer < room.layer || target === architecture.ground;
      const found: Violation[] = [];
      if (!isDown) found.push(object(`${name} (layer ${room.layer}) may not lean on ${target} (layer ${below.layer})`));
      if (room.isPure && !below.isPure)
        found.push(object(`${name} is pure and may not lean on ${target}, which is not`));
      return found;
    }),
  );
}

async function checkDirectories(root: string, architecture: Architecture): Promise<readonly Violation[]> {
  const known = new Set([...Object.keys(architecture.rooms), ...architecture.places]);
  const found: Violation[] = [];
  for (const parent of ['libs', 'apps', 'tools']) {
    for (const entry of await readdir(join(root, parent), { withFileTypes: true })) {
      const name = `${parent}/${entry.name}`;
      if (entry.isDirectory() && !known.has(name)) found.push(object(`${name} is not in the table`));
    }
  }
  return found;
}
