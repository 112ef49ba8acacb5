// SPDX-License-Identifier: Apache-2.0
import { edgesOf } from '@promograph/plan';
import type { Workspace } from '@promograph/promoter';
import {
  filterByTag,
  printSnapshotCsv,
  printSnapshotJson,
  printSnapshotYaml,
  type SnapshotModel,
  type SnapshotPrintOptions,
  wantedSnapshot,
} from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { Outcome } from '../exit-code.ts';
import { sessionOptions, type TreeFlags } from '../tree-flags.ts';
import { findingOutcomes, ownFindings } from './run-outcomes.ts';
import { tellTroubles } from './tell-troubles.ts';
import { withProgress, withSession } from './with-session.ts';

/** Forms of a snapshot. */
export type SnapshotFormat = 'yaml' | 'csv' | 'json';

/** Flags and argument of `snapshot`. */
export type SnapshotFlags = TreeFlags & {
  output: SnapshotFormat;
  registry?: string | undefined;
  destination?: string;
  tag?: string;
  minimal?: boolean;
};

/** Lists a registry, or what the manifests would put in one. */
export async function runSnapshot(context: CliContext, flags: SnapshotFlags): Promise<readonly Outcome[]> {
  const { registry, destination } = flags;
  if ((registry === undefined) === (destination === undefined)) {
    throw new CliError('CLI_USAGE', 'snapshot lists either a registry or a --destination of the tree', {
      hint: 'Write `promograph snapshot HOST/PREFIX`, or `promograph snapshot --destination HOST/PREFIX --manifests DIR`.',
    });
  }
  if (registry !== undefined) return snapshotOfRegistry(context, { ...flags, registry });
  return snapshotOfDestination(context, { ...flags, destination: destination ?? '' });
}

async function snapshotOfRegistry(
  context: CliContext,
  flags: SnapshotFlags & { readonly registry: string },
): Promise<readonly Outcome[]> {
  const model = await withProgress(context, flags.verbose ?? false, (progress) =>
    context.listRegistry(sessionOptions(context, flags, progress.onEvent), {
      registry: flags.registry,
      isMinimal: flags.minimal ?? false,
      signal: context.signal,
      ...(flags.tag === undefined ? {} : { tag: flags.tag }),
    }),
  );
  // An empty list looks the same whether the registry is empty, the prefix is misspelt or the tag is nowhere.
  if (model.images.length === 0) await context.stderr.write(`${emptyText(flags)}\n`);
  await context.stdout.write(printSnapshot(model, flags.output));
  return [];
}

function emptyText({ registry, tag }: { readonly registry: string; readonly tag?: string }): string {
  return `nothing is listed at ${registry}${tag === undefined ? '' : ` with the tag ${tag}`}`;
}

async function snapshotOfDestination(
  context: CliContext,
  flags: SnapshotFlags & { readonly destination: string },
): Promise<readonly Outcome[]> {
  if (flags.since !== undefined || flags.minimal === true) {
    throw new CliError('CLI_USAGE', '--since and --minimal do not go with snapshot --destination');
  }
  const workspace = await withSession(context, flags, (session) => Promise.resolve(session.workspace));
  const findings = ownFindings(workspace);
  const wanted = wantedAt(workspace, flags.destination);
  await tellTroubles(context, { findings, hostFailures: [], workspace });
  await context.stdout.write(
    printSnapshot(flags.tag === undefined ? wanted : filterByTag(wanted, flags.tag), flags.output),
  );
  return findingOutcomes(findings);
}

/** What the selected projects would put into a registry. */
export function wantedAt({ tree, projects }: Workspace, registry: string): SnapshotModel {
  return wantedSnapshot(edgesOf(tree.projects.filter(({ name }) => projects.includes(name))), registry);
}

/** A snapshot in one of its forms. */
export function printSnapshot(
  model: SnapshotModel,
  format: SnapshotFormat,
  options: SnapshotPrintOptions = {},
): string {
  switch (format) {
    case 'yaml':
      return printSnapshotYaml(model, options);
    case 'csv':
      return printSnapshotCsv(model, options);
    case 'json':
      return printSnapshotJson(model);
  }
}
