// SPDX-License-Identifier: Apache-2.0
import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { parseGoBoolean } from './go-flags.ts';

/** Flags of `cip` that take a boolean, as Go writes them: `--sign`, `--sign=false`. */
export const CIP_BOOLEAN_FLAGS: ReadonlySet<string> = new Set([
  '--confirm',
  '--use-prow-manifest-diff',
  '--parse-only',
  '--minimal-snapshot',
  '--sign',
  '--verification-summaries',
  '--referrers',
]);

/** Issuer of the identities that flags name. */
export const GOOGLE_ISSUER = 'https://accounts.google.com';

/** Levels of the older tool's logger; `error` and above are quiet, `debug` and below are verbose. */
export type CipLogLevel = 'panic' | 'fatal' | 'error' | 'warning' | 'info' | 'debug' | 'trace';
const LOG_LEVELS: readonly CipLogLevel[] = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'];

/** Flags that choose what is promoted or listed. Texts are empty when unset, as in the older tool. */
export type CipPromotionFlags = {
  confirm: boolean;
  manifest: string;
  thinManifestDir: string;
  useProwManifestDiff: boolean;
  manifestDiffSince: string;
  parseOnly: boolean;
  snapshot: string;
  snapshotTag: string;
  minimalSnapshot: boolean;
  manifestBasedSnapshotOf: string;
  output: string;
  logLevel: CipLogLevel;
};

/** Flags that concern signing and scanning; what is not given is as promograph.yaml says. */
export type CipSigningFlags = {
  sign: boolean;
  vulnSeverityThreshold: number;
  signerAccount?: string;
  summarySignerAccount?: string;
  verificationSummaries?: boolean;
  certificateIdentity?: string;
  certificateIdentityRegexp?: string;
  certificateOidcIssuer?: string;
  certificateOidcIssuerRegexp?: string;
  maxSignatureOps?: number;
};

/** Every flag of `cip` that decides something. */
export type CipFlags = CipPromotionFlags & CipSigningFlags;

/** Adds the flags of promotion and of snapshots. */
export function addCipPromotionFlags(command: Command): Command<[], CipPromotionFlags> {
  return command
    .addOption(bool('--confirm <bool>', 'do it; without it nothing is written').default(false))
    .option('--manifest <file>', 'one plain manifest (wins over the thin directory)', '')
    .option('--thin-manifest-dir <dir>', 'directory of thin manifests', '')
    .addOption(bool('--use-prow-manifest-diff <bool>', "only what the Prow job's change touched").default(false))
    .option('--manifest-diff-since <date>', 'only what changed in commits newer than this git date expression', '')
    .addOption(bool('--parse-only <bool>', 'stop after the plan').default(false))
    .option('--snapshot <registry>', 'list what this registry holds', '')
    .option('--snapshot-tag <tag>', 'only digests that have this tag', '')
    .addOption(bool('--minimal-snapshot <bool>', 'leave out untagged digests that belong to an index').default(false))
    .option('--manifest-based-snapshot-of <registry>', 'list what the manifests would put in this registry', '')
    .option('--output <format>', 'form of a snapshot: yaml or csv', 'yaml')
    .addOption(new Option('--log-level <level>', 'how much to tell').choices(LOG_LEVELS).default('info' as const));
}

/** Adds the flags of signing and scanning. */
export function addCipSigningFlags<Flags extends CipPromotionFlags>(
  command: Command<[], Flags>,
): Command<[], Flags & CipSigningFlags> {
  return command
    .addOption(bool('--sign <bool>', 'sign and attest what is promoted').default(true))
    .option('--signer-account <account>', 'service account that signs (default: as promograph.yaml says)')
    .option('--summary-signer-account <account>', 'service account that signs verification summaries')
    .addOption(bool('--verification-summaries <bool>', 'write verification summaries'))
    .option('--certificate-identity <name>', 'identity accepted on staging signatures')
    .option('--certificate-identity-regexp <re>', 'the same as a regular expression, which must match the whole name')
    .option('--certificate-oidc-issuer <issuer>', `issuer of that identity (default: ${GOOGLE_ISSUER})`)
    .option('--certificate-oidc-issuer-regexp <re>', 'the same as a regular expression')
    .addOption(new Option('--max-signature-ops <number>', 'digests signed or attested at a time').argParser(parseCount))
    .addOption(
      new Option(
        '--vuln-severity-threshold <level>',
        'only scan, for vulnerabilities of this severity (1 to 5) or above; promotes nothing; -1 is off',
      )
        .argParser(parseSeverity)
        .default(-1),
    )
    .addOption(new Option('--max-image-size <value>', 'no effect').hideHelp()) as unknown as Command<
    [],
    Flags & CipSigningFlags
  >;
}

/** A boolean flag as Go reads it. */
export function bool<Flags extends string>(
  flags: Flags,
  description: string,
): Option<Flags, undefined, undefined, boolean> {
  return new Option(flags, description).argParser((text): boolean => {
    const value = parseGoBoolean(text);
    if (value === null) throw new InvalidArgumentError('It takes true or false.');
    return value;
  });
}

/** A whole number from 1 to 1024. */
export function parseCount(text: string): number {
  const count = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1024) throw new InvalidArgumentError('It takes a whole number from 1 to 1024.');
  return count;
}

function parseSeverity(text: string): number {
  const level = /^-?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!(level >= -1 && level <= 5)) throw new InvalidArgumentError('It takes a number from -1 to 5.');
  return level;
}
