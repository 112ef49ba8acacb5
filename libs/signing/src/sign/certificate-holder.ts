// SPDX-License-Identifier: Apache-2.0
import { SigningError } from '../signing-error.ts';
import { shareFlight } from './share-flight.ts';
import type { IssuedCertificate } from './signing-certificate.ts';
import type { MaterialSource } from './signing-material.ts';

/** What the holder renews its certificate with. */
export interface CertificateHolderOptions {
  readonly issue: () => Promise<IssuedCertificate>;
  readonly epochMs: () => number;
}

/** Keeps one certificate and gives it until half of its life is over: a log must still have time to witness its use. */
export function createCertificateHolder({ issue, epochMs }: CertificateHolderOptions): MaterialSource {
  let held: { readonly certificate: IssuedCertificate; readonly renewAtMs: number } | null = null;
  const renew = shareFlight(async () => {
    const askedAtMs = epochMs();
    const certificate = await issue();
    const renewAtMs = halfLifeOf(certificate, askedAtMs);
    if (epochMs() >= renewAtMs) throw stale(certificate, epochMs());
    held = { certificate, renewAtMs };
  });
  return {
    current: async (signal) => {
      // Those who waited for one renewal may wake after the half-life of what it gave.
      for (;;) {
        if (held !== null && epochMs() < held.renewAtMs) return held.certificate;
        await renew(signal);
      }
    },
    discard: (material) => {
      if (held?.certificate === material) held = null;
    },
  };
}

/** Counted from when we asked where the authority's clock is ahead of ours. */
function halfLifeOf({ notBeforeMs, notAfterMs }: IssuedCertificate, askedAtMs: number): number {
  return Math.min(notBeforeMs, askedAtMs) + (notAfterMs - notBeforeMs) / 2;
}

function stale({ notBeforeMs, notAfterMs }: IssuedCertificate, nowMs: number): SigningError {
  const [from, to, now] = [notBeforeMs, notAfterMs, nowMs].map((ms) => new Date(ms).toISOString());
  return new SigningError(
    'SIGNING_CERTIFICATE',
    `the certificate is valid from ${from} to ${to}, half of which is over at ${now}`,
    { retryable: true, hint: 'Set the clock of this machine, or look why the certificate authority is so slow.' },
  );
}
