// SPDX-License-Identifier: Apache-2.0
import { X509Certificate } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import { crypto, json } from '@sigstore/core';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type TrustMaterial, toTrustMaterial } from '@sigstore/verify';
import { SigningError } from '../signing-error.ts';
import { keepEncodings } from './keep-encodings.ts';
import type { LeafCertificate } from './leaf-certificate.ts';

/** Dates between which something holds, both included. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

/** One trusted root, parsed once, and what is asked of it beside the verification library. */
export interface TrustAnchor {
  readonly material: TrustMaterial;
  /** When an authority of this root that issued the certificate vouches for it; empty when none issued it. */
  periodsOf(leaf: LeafCertificate): readonly Period[];
  /** Whether the log is in this root. */
  knowsLog(entry: TransparencyLogEntry): boolean;
  /** Whether the log promised to include the entry (the signed entry timestamp). */
  hasPromised(entry: TransparencyLogEntry): boolean;
}

interface Authority {
  readonly chain: readonly X509Certificate[];
  readonly period: Period;
}

const MAX_REMEMBERED_LEAVES = 1000;

/** Reads a trusted root, as JSON or parsed. Throws `SIGNING_TRUST` when it is malformed. */
export function createTrustAnchor(root: object): TrustAnchor {
  const { material, authorities } = readRoot(root);
  const periods = new Map<string, readonly Period[]>();
  const findLogs = ({ logId }: TransparencyLogEntry): TrustMaterial['tlogs'] =>
    material.tlogs.filter((log) => log.logID.equals(logId.keyId));
  return {
    material,
    periodsOf: (leaf) => {
      const known = periods.get(leaf.fingerprint);
      if (known !== undefined) return known;
      const found = authorities.filter((one) => hasIssued(one, leaf)).map((one) => meet(one.period, leaf));
      if (periods.size >= MAX_REMEMBERED_LEAVES) periods.clear();
      periods.set(leaf.fingerprint, found);
      return found;
    },
    knowsLog: (entry) => findLogs(entry).length > 0,
    hasPromised: (entry) => {
      const time = new Date(Number(entry.integratedTime) * 1000);
      const logs = findLogs(entry).filter(({ validFor }) => validFor.start <= time && time <= validFor.end);
      return logs.some((log) => isPromise(entry, log.publicKey));
    },
  };
}

function readRoot(root: object): { material: TrustMaterial; authorities: Authority[] } {
  try {
    const parsed = isParsed(root) ? root : TrustedRoot.fromJSON(root);
    // Without a start nobody knows from when on the key was the log's: such a log proves nothing.
    const tlogs = parsed.tlogs.filter((log) => log.publicKey?.validFor?.start !== undefined);
    const ctlogs = parsed.ctlogs.filter((log) => log.publicKey?.validFor?.start !== undefined);
    const material = toTrustMaterial({ ...parsed, tlogs, ctlogs });
    for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities])
      certChain.forEach(keepEncodings);
    return { material, authorities: readAuthorities(parsed) };
  } catch (error) {
    throw new SigningError('SIGNING_TRUST', 'The trusted root is malformed.', { cause: error });
  }
}

function isParsed(root: object): root is TrustedRoot {
  if (!('certificateAuthorities' in root) || !Array.isArray(root.certificateAuthorities)) return false;
  const [first] = root.certificateAuthorities as readonly Partial<TrustedRoot['certificateAuthorities'][number]>[];
  return Buffer.isBuffer(first?.certChain?.certificates[0]?.rawBytes);
}

function readAuthorities(root: TrustedRoot): Authority[] {
  return root.certificateAuthorities.flatMap(({ certChain, validFor }) => {
    const chain = (certChain?.certificates ?? []).map(({ rawBytes }) => new X509Certificate(rawBytes));
    if (chain.length === 0) return [];
    const start = Math.max(validFor?.start?.getTime() ?? 0, ...chain.map((one) => one.validFromDate.getTime()));
    const end = Math.min(validFor?.end?.getTime() ?? Infinity, ...chain.map((one) => one.validToDate.getTime()));
    return [{ chain, period: { start: new Date(start), end: new Date(end) } }];
  });
}

function hasIssued({ chain }: Authority, { certificate }: LeafCertificate): boolean {
  return chain.some((issuer) => certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
}

function meet({ start, end }: Period, { notBefore, notAfter }: LeafCertificate): Period {
  return { start: start > notBefore ? start : notBefore, end: end < notAfter ? end : notAfter };
}

function isPromise(entry: TransparencyLogEntry, key: TrustMaterial['tlogs'][number]['publicKey']): boolean {
  const payload = {
    body: entry.canonicalizedBody.toString('base64'),
    integratedTime: Number(entry.integratedTime),
    logIndex: Number(entry.logIndex),
    logID: entry.logId.keyId.toString('hex'),
  };
  const promise = entry.inclusionPromise?.signedEntryTimestamp;
  return promise !== undefined && crypto.verify(Buffer.from(json.canonicalize(payload)), key, promise);
}
