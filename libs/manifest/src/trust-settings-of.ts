// SPDX-License-Identifier: Apache-2.0
import type { z } from 'zod';
import { DEFAULT_PREDICATE_TYPE } from './attest-schema.ts';
import type { configSchema } from './config-schema.ts';
import type { PromographConfig } from './config.ts';
import { SEVERITIES } from './gate-schema.ts';
import { durationMs } from './setting-parts.ts';
import type { AttestSettings, ScanSettings, SignerSetting, SigningSettings } from './trust-settings.ts';

/** What `configSchema` makes of a file. */
export type CheckedConfig = z.infer<typeof configSchema>;

/** The sections about signing, the gate and replication. */
export type TrustSettings = Pick<PromographConfig, 'signing' | 'staging' | 'attest' | 'scan' | 'replicate'>;

const DEFAULT_CONCURRENCY = 50;
const DEFAULT_THRESHOLD = 'HIGH';
const DEFAULT_MAX_AGE = '7d';

/** The settings of a checked file with their defaults; without a file, those of an empty one. */
export function trustSettingsOf(checked: Partial<CheckedConfig> = {}): TrustSettings {
  const { signing, staging = {}, attest, scan, replicate } = checked;
  const identities = signersOf(staging.identities);
  return {
    signing: signing === undefined ? null : signingOf(signing),
    staging: { signatures: staging.signatures ?? (identities.length > 0 ? 'if-present' : 'off'), identities },
    attest: attestOf(attest),
    scan: scan === undefined ? null : scanOf(scan),
    replicate:
      replicate === undefined
        ? null
        : { referrers: replicate.referrers ?? true, concurrency: replicate.concurrency ?? DEFAULT_CONCURRENCY },
  };
}

function signingOf(signing: NonNullable<CheckedConfig['signing']>): SigningSettings {
  return {
    identity: signing.identity ?? null,
    previousIdentities: signersOf(signing.previousIdentities),
    token: signing.token ?? null,
    tokenFile: signing.tokenFile ?? null,
    account: signing.account ?? null,
    key: signing.key ?? null,
    publicKey: signing.publicKey ?? null,
    canonical: signing.canonical,
    references: signing.references ?? [],
    formats: signing.formats === undefined ? null : [...new Set(signing.formats)],
    config: signing.config ?? null,
    trustedRoots: signing.trustedRoots ?? [],
    tuf: signing.tuf ?? null,
    tagless: signing.tagless ?? true,
    concurrency: signing.concurrency ?? DEFAULT_CONCURRENCY,
  };
}

function attestOf(section: CheckedConfig['attest']): AttestSettings {
  const attest = section ?? {};
  return {
    isConfigured: section !== undefined,
    predicateType: attest.predicateType ?? DEFAULT_PREDICATE_TYPE,
    verifierId: attest.verifierId ?? null,
    summaries: attest.summaries ?? 'off',
    identity: attest.identity ?? null,
    account: attest.account ?? null,
  };
}

function scanOf(scan: NonNullable<CheckedConfig['scan']>): ScanSettings {
  const { threshold = DEFAULT_THRESHOLD } = scan;
  return {
    adapter: scan.adapter,
    threshold: typeof threshold === 'number' ? threshold : SEVERITIES.indexOf(threshold),
    fixableOnly: scan.fixableOnly ?? false,
    maxAgeMs: durationMs(scan.maxAge ?? DEFAULT_MAX_AGE),
    identities: signersOf(scan.identities),
    endpoint: scan.endpoint ?? null,
    require: scan.require ?? true,
  };
}

type CheckedSigner = NonNullable<NonNullable<CheckedConfig['staging']>['identities']>[number];

/** Signers that name neither a key nor both names were noted as findings and never come this far. */
function signersOf(signers: readonly CheckedSigner[] = []): readonly SignerSetting[] {
  return signers.flatMap(({ subject, issuer, key }): SignerSetting[] => {
    if (key !== undefined) return [{ key }];
    return subject !== undefined && issuer !== undefined ? [{ subject, issuer }] : [];
  });
}
