// SPDX-License-Identifier: Apache-2.0
import { CliError } from '../cli-error.ts';
import type { CipFlags } from './cip-flags.ts';

/** Where the manifests of a `cip` run are. */
export type CipTree = { readonly manifestFile: string } | { readonly treeDir: string };

/** What narrows a promotion to a change. */
export type CipDiff =
  { readonly kind: 'none' } | { readonly kind: 'prow' } | { readonly kind: 'date'; readonly since: string };

/** Forms of a `cip` snapshot. */
export type CipSnapshotFormat = 'yaml' | 'csv';

/** What a `cip` command line asks for. */
export type CipDecision =
  | {
      readonly mode: 'snapshot';
      readonly registry: string;
      readonly tag: string | null;
      readonly isMinimal: boolean;
      readonly format: CipSnapshotFormat;
    }
  | {
      readonly mode: 'destination-snapshot';
      readonly registry: string;
      readonly tree: CipTree;
      readonly format: CipSnapshotFormat;
    }
  | {
      readonly mode: 'promotion';
      readonly tree: CipTree;
      readonly diff: CipDiff;
      readonly upTo: 'plan' | 'validate' | 'promote' | 'attest';
    }
  | {
      readonly mode: 'scan';
      readonly tree: CipTree;
      readonly diff: CipDiff;
      /** Lowest severity that fails, 1 to 5; null where nothing is scanned. */
      readonly threshold: number | null;
    };

/**
 * Which of its three modes a `cip` command line means, with the precedence of the older tool: snapshots, then the scan, then
 * promotion. As there, a scan needs --confirm and a severity above 0 to look at anything. Error: `CLI_USAGE`.
 */
export function decideCip(flags: CipFlags): CipDecision {
  const format = formatOf(flags.output);
  if (flags.manifestBasedSnapshotOf !== '') {
    return { mode: 'destination-snapshot', registry: flags.manifestBasedSnapshotOf, tree: cipTreeOf(flags), format };
  }
  if (flags.snapshot !== '') {
    const tag = flags.snapshotTag === '' ? null : flags.snapshotTag;
    return { mode: 'snapshot', registry: flags.snapshot, tag, isMinimal: flags.minimalSnapshot, format };
  }
  if (flags.vulnSeverityThreshold >= 0) {
    const isScan = flags.confirm && !flags.parseOnly && flags.vulnSeverityThreshold > 0;
    const threshold = isScan ? flags.vulnSeverityThreshold : null;
    return { mode: 'scan', tree: cipTreeOf(flags), diff: diffOf(flags), threshold };
  }
  const last = flags.sign ? 'attest' : 'promote';
  const upTo = flags.parseOnly ? 'plan' : flags.confirm ? last : 'validate';
  return { mode: 'promotion', tree: cipTreeOf(flags), diff: diffOf(flags), upTo };
}

function formatOf(output: string): CipSnapshotFormat {
  const format = output.toLowerCase();
  if (format === 'yaml' || format === 'csv') return format;
  throw new CliError('CLI_USAGE', `--output ${output} is invalid`, { hint: 'It takes yaml or csv.' });
}

/** The manifests that a command line names; a plain manifest wins. Error: `CLI_USAGE`. */
export function cipTreeOf(flags: Pick<CipFlags, 'manifest' | 'thinManifestDir'>): CipTree {
  if (flags.manifest !== '') return { manifestFile: flags.manifest };
  if (flags.thinManifestDir !== '') return { treeDir: flags.thinManifestDir };
  throw new CliError('CLI_USAGE', 'cip needs manifests', {
    hint: 'Name them with --thin-manifest-dir or --manifest, or a registry with --snapshot.',
  });
}

function diffOf(flags: CipFlags): CipDiff {
  if (flags.useProwManifestDiff) return { kind: 'prow' };
  return flags.manifestDiffSince === '' ? { kind: 'none' } : { kind: 'date', since: flags.manifestDiffSince };
}
