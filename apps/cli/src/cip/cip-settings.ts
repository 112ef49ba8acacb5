// SPDX-License-Identifier: Apache-2.0
import {
  type PromographConfig,
  re2Problem,
  type ScanSettings,
  type SignerSetting,
  type SigningSettings,
} from '@promograph/manifest';
import type { SettingsOverride } from '@promograph/promoter';
import { CliError } from '../cli-error.ts';
import { type CipSigningFlags, GOOGLE_ISSUER } from './cip-flags.ts';

/** What a `cip` command line makes of the file's settings. */
export interface CipSettings {
  readonly flags: CipSigningFlags;
  /** Whether this run signs. */
  readonly signs: boolean;
  /** Severity of the scan-only mode, 1 to 5; null in every other mode. */
  readonly scan: number | null;
}

/**
 * The sections that the flags replace. There is no default identity: where a run would sign, the file or `--signer-account`
 * names the signer. Errors: `CLI_NOT_AVAILABLE` where that, or something it needs, is not configured; `CLI_USAGE`.
 */
export function cipSettings({ flags, signs, scan }: CipSettings, configured: PromographConfig): SettingsOverride {
  if (scan !== null) return { staging: { ...configured.staging, signatures: 'off' }, scan: scanOf(scan, configured) };
  const signing = signingOf(flags, configured);
  if (signs && signing === null) throw notConfigured('cip --confirm would sign, and no signer is configured');
  return { signing, staging: stagingOf(flags, configured), attest: attestOf(flags, signing, configured) };
}

function signingOf(flags: CipSigningFlags, { signing }: PromographConfig): SigningSettings | null {
  if (signing === null) return null;
  const concurrency = flags.maxSignatureOps ?? signing.concurrency;
  const account = flags.signerAccount;
  if (account === undefined) return { ...signing, concurrency };
  const identity = { subject: account, issuer: GOOGLE_ISSUER };
  return {
    ...signing,
    concurrency,
    identity,
    account,
    token: 'impersonate',
    tokenFile: null,
    key: null,
    publicKey: null,
  };
}

function attestOf(
  flags: CipSigningFlags,
  signing: SigningSettings | null,
  { attest }: PromographConfig,
): PromographConfig['attest'] {
  const summaries = flags.verificationSummaries === undefined ? attest.summaries : onOff(flags.verificationSummaries);
  if (summaries === 'on' && attest.verifierId === null && signing !== null) {
    throw new CliError('CLI_NOT_AVAILABLE', 'verification summaries need a verifier, and none is configured', {
      hint: 'Set attest.verifierId in promograph.yaml.',
    });
  }
  const account = flags.summarySignerAccount;
  if (account === undefined) return { ...attest, summaries };
  if (signing !== null && signing.token !== 'impersonate') {
    throw new CliError('CLI_USAGE', '--summary-signer-account needs a signer that is a service account too', {
      hint: 'Name it with --signer-account, or set `token: impersonate` in promograph.yaml.',
    });
  }
  return { ...attest, summaries, account, identity: { subject: account, issuer: GOOGLE_ISSUER } };
}

function onOff(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}

/** Regular expressions win over exact names, as in the older tool; here they must match the whole name. */
function stagingOf(flags: CipSigningFlags, { staging }: PromographConfig): PromographConfig['staging'] {
  const subject = nameOf(flags.certificateIdentity, flags.certificateIdentityRegexp);
  const issuer = nameOf(flags.certificateOidcIssuer, flags.certificateOidcIssuerRegexp);
  if (subject === null && issuer === null) return staging;
  if (subject === null) {
    throw new CliError('CLI_USAGE', 'an issuer is accepted only together with an identity', {
      hint: 'Add --certificate-identity or --certificate-identity-regexp.',
    });
  }
  const identities: readonly SignerSetting[] = [{ subject, issuer: issuer ?? GOOGLE_ISSUER }];
  return { signatures: staging.signatures === 'require' ? 'require' : 'if-present', identities };
}

function nameOf(exact: string | undefined, regexp: string | undefined): string | { readonly regexp: string } | null {
  if (regexp !== undefined && regexp !== '') return { regexp: checkedRegexp(regexp) };
  return exact === undefined || exact === '' ? null : exact;
}

function checkedRegexp(regexp: string): string {
  const problem = re2Problem(regexp);
  if (problem === null) return regexp;
  throw new CliError('CLI_USAGE', `not a regular expression that RE2 takes: ${regexp}: ${problem}`);
}

/** As the older tool scans: Google's findings with a fix; what was not scanned passes, and is told. */
function scanOf(threshold: number, { scan }: PromographConfig): ScanSettings {
  const defaults: ScanSettings = {
    adapter: 'containeranalysis',
    threshold,
    fixableOnly: true,
    maxAgeMs: 604_800_000,
    identities: [],
    endpoint: null,
    require: false,
  };
  return { ...(scan ?? defaults), threshold };
}

function notConfigured(message: string): CliError {
  return new CliError('CLI_NOT_AVAILABLE', message, {
    hint: 'Set signing.canonical, signing.identity and signing.token (or signing.key) in promograph.yaml, or add --sign=false.',
  });
}
