// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { listFiles } from './list-files.ts';
import type { Guard, Violation } from './violation.ts';

const LINK = /\[[^\]\n]*\]\(([^)\s]+)\)/g;

/** Checks every relative link of every Markdown file: the file exists, and so does the heading after `#`. */
export const linksGuard: Guard = {
  name: 'links',
  check: async (root) => {
    const found: Violation[] = [];
    for (const path of (await listFiles(root)).filter((file) => file.endsWith('.md'))) {
      const lines = withoutCode(await readFile(join(root, path), 'utf8')).split('\n');
      for (const [index, line] of lines.entries()) {
        for (const [, target] of line.matchAll(LINK)) {
          const message = await findFault(root, path, target ?? '');
          if (message !== null) found.push({ at: `${path}:${index + 1}`, rule: 'links/broken', message });
        }
      }
    }
    return found;
  },
};

/** Blank lines instead of fenced code, so that line numbers stay. */
function withoutCode(text: string): string {
  return text.replace(/^```.*?^```/gms, (code) => code.replace(/[^\n]/g, ''));
}

async function findFault(root: string, path: string, target: string): Promise<string | null> {
  if (/^[a-z][a-z0-9+.-]*:/.test(target)) return null;
  const [file = '', heading] = target.split('#');
  const linked = file === '' ? path : posix.join(posix.dirname(path), file);
  const isThere = await stat(join(root, linked)).then(
    () => true,
    () => false,
  );
  if (!isThere) return `${target}: no such file`;
  if (heading === undefined || heading === '') return null;
  const anchors = readAnchors(await readFile(join(root, linked), 'utf8'));
  return anchors.has(heading) ? null : `${target}: no such heading`;
}

/** Anchors as GitHub makes them: lower case, punctuation dropped, spaces to hyphens. */
function readAnchors(text: string): ReadonlySet<string> {
  const headings = [...withoutCode(text).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading]) => heading ?? '');
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}
