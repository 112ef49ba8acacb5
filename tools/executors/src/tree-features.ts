// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of a tree decides which targets its projects have, and on what they depend. */
export interface TreeFeatures {
  /** Staging signatures, provenance or scans are looked at: `validate` then needs what the snapshot names. */
  readonly hasGate: boolean;
  /** Signatures are replicated: projects have the target `replicate`. */
  readonly replicates: boolean;
}

/** A tree, and what the plugin's options say of it already. */
export interface FeaturedTree {
  readonly workspaceRoot: string;
  /** Root of the tree, relative to the workspace. */
  readonly tree: string;
  /** Its promoter manifests, relative to the workspace. */
  readonly manifests: readonly string[];
  readonly given: { readonly gate: boolean | undefined; readonly replicate: boolean | undefined };
}

/** A top-level key in block style with something behind it. */
const GATE = /^(?:staging|scan)[ \t]*:/m;
const REPLICATE = /^replicate[ \t]*:/m;
const PROVENANCE = /^provenance[ \t]*:/m;

/**
 * Looks for top-level keys by their text: no YAML is parsed, so a file that is broken, or not there, costs nothing but its
 * own keys. Options of the plugin win.
 */
export function readTreeFeatures({ workspaceRoot, tree, manifests, given }: FeaturedTree): TreeFeatures {
  const text = (file: string): string => textOf(join(workspaceRoot, file));
  const config = text(join(tree, 'promograph.yaml'));
  return {
    hasGate: given.gate ?? (GATE.test(config) || manifests.some((file) => PROVENANCE.test(text(file)))),
    replicates: given.replicate ?? REPLICATE.test(config),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
