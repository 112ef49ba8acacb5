// SPDX-License-Identifier: Apache-2.0
import {
  type Finding,
  printPosition,
  readTreeFrom,
  type ReadTreeOptions,
  type Tree,
  treeSourceOf,
} from '../src/index.ts';

/** A digest made of one hexadecimal digit. */
export const digestOf = (digit: string): string => `sha256:${digit.repeat(64)}`;

/** Registries of a valid manifest: one source, one destination. */
export const REGISTRIES = `registries:
- name: registry.example.org/staging
  src: true
- name: registry.example.org/prod
`;

/** Files of a tree whose project `app` has this manifest and these images. */
export function appFiles(
  images: string | Uint8Array,
  manifest: string = REGISTRIES,
): Record<string, string | Uint8Array> {
  return { 'manifests/app/promoter-manifest.yaml': manifest, 'images/app/images.yaml': images };
}

/** Reads files in memory as a tree. */
export function readFiles(files: Record<string, string | Uint8Array>, options?: ReadTreeOptions): Promise<Tree> {
  return readTreeFrom(treeSourceOf('/tree', new Map(Object.entries(files))), options);
}

/** `code line:column` of each finding. */
export const placesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, at }) => `${code} ${at.line}:${at.column}`);

/** `code file:line:column` of each finding. */
export const fullPlacesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ code, at }) => `${code} ${printPosition(at)}`);
