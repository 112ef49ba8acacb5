// SPDX-License-Identifier: Apache-2.0
import { FORMAT_VERSION } from './artifact-parts.ts';
import { goQuote } from './go-quote.ts';
import { printJson } from './print-json.ts';
import { type SnapshotModel, sortSnapshot } from './snapshot-model.ts';

/** How the bytes of a snapshot end. */
export interface SnapshotPrintOptions {
  /** One more empty line at the end, as `cip` always had; nothing at all then prints as one newline. Default false. */
  readonly trailingBlankLine?: boolean;
}

/** A snapshot as an images.yaml: digests and tags in double quotes, `[]` where there is no tag. */
export function printSnapshotYaml(model: SnapshotModel, options: SnapshotPrintOptions = {}): string {
  const lines = sortSnapshot(model).images.flatMap(({ name, digests }) => [
    `- name: ${safeName(name)}`,
    '  dmap:',
    ...digests.map(({ digest, tags }) => `    ${goQuote(digest)}: [${tags.map(goQuote).join(', ')}]`),
  ]);
  return finish(lines, options);
}

/** A snapshot as `name@digest,name:tag` lines without a header; `name@digest,-` where there is no tag. */
export function printSnapshotCsv(model: SnapshotModel, options: SnapshotPrintOptions = {}): string {
  const lines = sortSnapshot(model).images.flatMap(({ name, digests }) =>
    digests.flatMap(({ digest, tags }) => {
      const image = safeName(name);
      return tags.length === 0 ? [`${image}@${digest},-`] : tags.map((tag) => `${image}@${digest},${image}:${tag}`);
    }),
  );
  return finish(lines, options);
}

/** A snapshot as JSON: `{formatVersion, images: [{name, digests: [{digest, tags}]}]}`. */
export function printSnapshotJson(model: SnapshotModel): string {
  return printJson({ formatVersion: FORMAT_VERSION, images: sortSnapshot(model).images });
}

function finish(lines: readonly string[], options: SnapshotPrintOptions): string {
  return lines.map((line) => `${line}\n`).join('') + (options.trailingBlankLine === true ? '\n' : '');
}

/** No repository has such a name; a registry that says so must not be able to add lines to the output. */
function safeName(name: string): string {
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(name) ? goQuote(name) : name;
}
