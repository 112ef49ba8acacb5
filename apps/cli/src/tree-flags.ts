// SPDX-License-Identifier: Apache-2.0
import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import type { PromoterEvent, SessionOptions } from '@promograph/promoter';
import type { CliContext } from './cli-context.ts';
import { CliError } from './cli-error.ts';

/** Stands for the ref that Nx compares with; the variable of that name holds it. */
const NX_BASE = 'NX_BASE';

/** Flags that say which tree is meant and what of it. */
export type TreeFlags = {
  manifests?: string;
  manifest?: string;
  project: string[];
  since?: string;
  stateDir?: string;
  config?: string;
  baseline?: string;
  verbose?: true;
};

/** Adds the flags that every command over a tree takes. */
export function addTreeFlags(command: Command): Command<[], TreeFlags> {
  return command
    .option(
      '--manifests <dir>',
      'promotion tree: the directory that holds manifests/ and images/ (default: found upwards)',
    )
    .option('--manifest <file>', 'a plain manifest instead of a tree')
    .option('-p, --project <name>', 'only this project (repeatable)', collect, [] as string[])
    .addOption(
      new Option('--since [ref]', 'only what changed in the manifests since this git ref (default: NX_BASE)').preset(
        NX_BASE,
      ),
    )
    .option('--state-dir <dir>', "where artifacts and receipts go (default: .promo at the tree's root)")
    .option('--config <file>', "configuration (default: promograph.yaml at the tree's root)")
    .option('--baseline <file>', "accepted old findings (default: promograph-baseline.yaml at the tree's root)")
    .option('--verbose', 'tell which credentials are used, every wait and retry, and stacks of bugs');
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}

/**
 * Settles `--manifests` against `--manifest`: both in one place is an error, and the command line beats the environment.
 * Returns the flags with at most one of them. Error: `CLI_USAGE`.
 */
export function settleTree<Flags extends Pick<TreeFlags, 'manifests' | 'manifest'>>(
  flags: Flags,
  command: Pick<CommandUnknownOpts, 'getOptionValueSource'>,
): Flags {
  if (flags.manifests === undefined || flags.manifest === undefined) return flags;
  const [dirSource, fileSource] = [command.getOptionValueSource('manifests'), command.getOptionValueSource('manifest')];
  if (dirSource === fileSource) {
    throw new CliError('CLI_USAGE', '--manifests and --manifest exclude each other', {
      hint: 'Name a tree with --manifests or a plain manifest with --manifest.',
    });
  }
  const { manifests, manifest, ...rest } = flags;
  return { ...rest, ...(dirSource === 'cli' ? { manifests } : { manifest }) } as Flags;
}

/** What a session needs, from flags and surroundings. */
export function sessionOptions(
  context: CliContext,
  flags: TreeFlags,
  onEvent: (event: PromoterEvent) => void,
): SessionOptions {
  return {
    cwd: context.cwd,
    env: context.env,
    homeDir: context.homeDir,
    signal: context.signal,
    onEvent,
    ...(flags.manifests !== undefined && { treeDir: flags.manifests }),
    ...(flags.manifest !== undefined && { manifestFile: flags.manifest }),
    ...(flags.project.length > 0 && { projects: flags.project }),
    ...(flags.since !== undefined && { since: refOf(flags.since, context) }),
    ...(flags.stateDir !== undefined && { stateDir: flags.stateDir }),
    ...(flags.config !== undefined && { configFile: flags.config }),
    ...(flags.baseline !== undefined && { baselineFile: flags.baseline }),
  };
}

function refOf(since: string, { env }: CliContext): string {
  if (since !== NX_BASE) return since;
  const base = env[NX_BASE] ?? '';
  if (base !== '') return base;
  throw new CliError('CLI_USAGE', '--since without a ref means that of NX_BASE, which is not set', {
    hint: 'Name a ref, as in --since origin/main.',
  });
}
