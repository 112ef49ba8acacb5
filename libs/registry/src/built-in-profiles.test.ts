// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { profileOf } from './built-in-profiles.ts';

describe('profileOf', () => {
  it.each([
    ['a loopback host speaks plain HTTP without a cap', 'localhost:5000', { plainHttp: true, requestsPerSecond: null }],
    ['an unknown host speaks TLS and is probed', 'registry.example.org', { plainHttp: false, listing: 'auto' }],
    ['an unknown host is asked by own mounts', 'registry.example.org', { ownMount: true }],
    ['one whose uploads are counted is not', 'ghcr.io', { ownMount: false }],
    ['a Google host lists digests', 'us.gcr.io', { listing: 'google', pageSize: 10_000 }],
    ['an Artifact Registry host lists digests', 'europe-docker.pkg.dev', { listing: 'google' }],
    ['ECR is paced', '123.dkr.ecr.us-east-1.amazonaws.com', { requestsPerSecond: 200 }],
    ['a service of sigstore is paced', 'rekor.sigstore.dev', { requestsPerSecond: 20 }],
    ['a loopback host has no further budgets', '127.0.0.1:5000', { budgets: [], countedPer: 'host' }],
    ['S3, where ECR keeps blobs, is not', 'layers.s3.us-east-1.amazonaws.com', { requestsPerSecond: null }],
    ['a name that only ends alike is not Google', 'evilgcr.io', { listing: 'auto' }],
  ])('%s', (_name, host, expected) => {
    expect(profileOf(host)).toMatchObject(expected);
  });

  it('lets the longest configured pattern win over the built-in entry', () => {
    const overrides = { '*.io': { concurrency: 1 }, '*.gcr.io': { concurrency: 2 }, 'eu.gcr.io': { concurrency: 3 } };

    expect(profileOf('us.gcr.io', overrides).concurrency).toBe(2);
    expect(profileOf('eu.gcr.io', overrides)).toMatchObject({ concurrency: 3, listing: 'google' });
  });
});
