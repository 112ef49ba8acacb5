// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildImage,
  buildIndex,
  DEFAULT_SIGNER_EMAIL,
  pushImage,
  type RunningRegistry,
  startRegistry,
} from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrustLab } from './support/trust-lab.ts';
import type { TrustingCosign } from './support/trusting-cosign.ts';

const BUILD = 'build@devstack.example';
const SUMMARY = 'https://slsa.dev/verification_summary/v1';
const VERIFIER = 'https://example.org/verifier';
const ORIGIN = 'https://git.example.org/tree';
const REVIEWED = 'K8S_PROMOTION_MANIFEST_REVIEWED';

const children = ['amd64', 'arm64'].map((seed) => buildImage({ layers: [{ sizeBytes: 300, seed }] }));
const image = buildIndex({ images: children });
const { digest } = image.manifest;

/** What a summary says. */
interface Summary {
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicate: {
    readonly resourceUri: string;
    readonly policy: { readonly uri: string; readonly digest: { readonly gitCommit: string } };
    readonly inputAttestations?: readonly { readonly uri: string }[];
    readonly verificationResult: string;
    readonly verifiedLevels: readonly string[];
  };
}

describe('verification summaries', () => {
  let lab: TrustLab;
  let staging: RunningRegistry;
  let canonical: RunningRegistry;
  let cosign: TrustingCosign;

  beforeEach(async () => {
    lab = await TrustLab.open();
    [staging, canonical] = [lab.keep(await startRegistry()), lab.keep(await startRegistry())];
    cosign = await lab.cosign('cosign3');
    await pushImage({ url: staging.url, repository: 'staging/team/app', image });
    lab.configure({ canonical: canonical.host, more: `attest: { summaries: on, verifierId: "${VERIFIER}" }\n` });
    writeProject('team', 'staging/team', `- name: app\n  dmap:\n    "${digest}": ["v1"]\n`);
  });
  afterEach(() => lab.close());

  function writeProject(name: string, source: string, images: string, more = ''): void {
    const registries = `registries:\n- { name: "${staging.host}/${source}", src: true }\n- { name: "${canonical.host}/prod" }\n`;
    lab.write(`manifests/${name}/promoter-manifest.yaml`, registries + more);
    lab.write(`images/${name}/images.yaml`, images);
  }

  /** A policy of a project that promotes nothing itself, above the source of the other. */
  function writePolicy(mode: 'require' | 'warn'): void {
    const policy = {
      mode,
      signers: [`sigstore::${lab.sigstore.url}::${BUILD}`],
      builders: [{ id: 'https://builder.example.org', level: 3 }],
      sources: ['github.com/example/app'],
    };
    writeProject('policy', 'staging', '[]\n', `provenance: ${JSON.stringify(policy)}\n`);
  }

  async function attestInStaging(): Promise<void> {
    const source = 'git+https://github.com/example/app';
    const predicate = {
      buildDefinition: {
        buildType: 'https://example.org/build',
        externalParameters: { source },
        internalParameters: {},
        resolvedDependencies: [{ uri: source, digest: { gitCommit: 'a'.repeat(40) } }],
      },
      runDetails: {
        builder: { id: 'https://builder.example.org' },
        metadata: { invocationId: 'https://builder.example.org/runs/1' },
      },
    };
    const file = join(lab.dir, 'provenance.json');
    writeFileSync(file, JSON.stringify(predicate));
    const about = ['--type=slsaprovenance1', `--predicate=${file}`, `${staging.host}/staging/team/app@${digest}`];
    const { exitCode, stderr } = await cosign.signing('attest', { email: BUILD }, ...about);
    expect(exitCode, stderr).toBe(0);
  }

  /** Commits the tree; answers the commit. */
  function commit(): string {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=lab', '-c', 'user.email=lab@example.org', ...args], {
        cwd: lab.tree,
        encoding: 'utf8',
      }).trim();
    git('init', '--quiet');
    git('remote', 'add', 'origin', ORIGIN);
    git('add', 'manifests', 'images', 'promograph.yaml');
    git('commit', '--quiet', '--no-gpg-sign', '--message', 'tree');
    return git('rev-parse', 'HEAD');
  }

  async function run(): Promise<string> {
    const { exitCode, stdout, stderr } = await lab.run('run', '--confirm');
    expect(exitCode, stdout + stderr).toBe(0);
    return stderr;
  }

  /** The summaries that cosign verifies to be ours. */
  async function summariesOf(subject: string): Promise<readonly Summary[]> {
    const reference = `${canonical.host}/prod/app@${subject}`;
    const args = [`--type=${SUMMARY}`, ...cosign.identity(DEFAULT_SIGNER_EMAIL), reference];
    const { exitCode, stdout } = await cosign.verifying('verify-attestation', ...args);
    if (exitCode !== 0) return [];
    const envelopes = stdout.trim().split('\n');
    return envelopes.map((line) => {
      const { payload } = JSON.parse(line) as { readonly payload: string };
      return JSON.parse(Buffer.from(payload, 'base64').toString()) as Summary;
    });
  }

  it('tell the level, the policy of the manifest above, and what it rests on, once', async () => {
    writePolicy('require');
    await attestInStaging();
    const head = commit();

    await run();
    const [summary, ...others] = await summariesOf(digest);

    expect(others).toEqual([]);
    expect(summary?.subject).toEqual([{ name: 'images.example.org/app', digest: { sha256: digest.slice(7) } }]);
    expect(summary?.predicate).toMatchObject({
      verifier: { id: VERIFIER },
      resourceUri: `images.example.org/app@${digest}`,
      policy: { uri: `git+${ORIGIN}#manifests/policy/promoter-manifest.yaml`, digest: { gitCommit: head } },
      inputAttestations: [{ uri: expect.stringContaining(`${staging.host}/staging/team/app@sha256:`) as string }],
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_3', REVIEWED],
    });
    // Children have no provenance of their own, and the index needs none of them.
    for (const { manifest } of children) {
      expect((await summariesOf(manifest.digest)).map(({ predicate }) => predicate.verifiedLevels)).toEqual([
        ['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED],
      ]);
    }
    const { exitCode } = await cosign.verifying('verify', ...cosign.identity(), `${canonical.host}/prod/app:v1`);
    expect(exitCode).toBe(0);

    const { rekorV1Entries } = lab.sigstore.counts();
    expect((await lab.run('run', '--confirm', '--scope', 'present')).exitCode).toBe(0);
    expect(lab.sigstore.counts().rekorV1Entries).toBe(rekorV1Entries);
  });

  it('are unevaluated without a policy, and name the manifest that was reviewed', async () => {
    commit();

    await run();

    expect(
      (await summariesOf(digest)).map(({ predicate }) => [predicate.verifiedLevels, predicate.policy.uri]),
    ).toEqual([[['SLSA_BUILD_LEVEL_UNEVALUATED', REVIEWED], `git+${ORIGIN}#manifests/team/promoter-manifest.yaml`]]);
  });

  it('never say FAILED in the name that signs images', async () => {
    writePolicy('warn');
    commit();

    const stderr = await run();

    expect(stderr).toContain('no summary');
    expect(await summariesOf(digest)).toEqual([]);
    expect((await cosign.verifying('verify', ...cosign.identity(), `${canonical.host}/prod/app:v1`)).exitCode).toBe(0);
  });

  it('are left out of a tree that no commit holds', async () => {
    const stderr = await run();

    expect(stderr).toContain('not at a commit');
    expect(await summariesOf(digest)).toEqual([]);
  });
});
