// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, type BuiltImage, pushImage, type RunningRegistry, startRegistry } from '@promograph/devstack';
import { MEDIA_TYPES, parseDigest } from '@promograph/oci';
import { signatureTag } from '@promograph/signing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CosignProgram, CosignRun } from './support/cosign.ts';
import { EvidenceWatch } from './support/evidence-watch.ts';
import { readTags } from './support/registry-state.ts';
import { PUBLIC_NAME, TrustLab } from './support/trust-lab.ts';
import type { SigningOptions, TrustingCosign } from './support/trusting-cosign.ts';

const RELEASE = 'release@devstack.example';
const BUILD = 'build@devstack.example';
const STRANGER = 'stranger@devstack.example';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';
const RECORD = 'https://k8s.io/promo-tools/promotion/v1';
const SLSA = 'https://slsa.dev/provenance/v1';

interface Report {
  readonly gate: {
    readonly digests: readonly {
      readonly source: string;
      readonly signature: { readonly verdict: string; readonly code?: string };
      readonly provenance?: { readonly verdict: string; readonly mode: string };
      readonly refused?: { readonly reason: string; readonly code: string };
      readonly warnings?: readonly string[];
    }[];
  };
}

const passes = (run: CosignRun): void => {
  expect(run.exitCode, run.stderr).toBe(0);
};

let lab: TrustLab;
let staging: RunningRegistry;
let canonical: RunningRegistry;
let cosigns: Readonly<Record<CosignProgram, TrustingCosign>>;
let images: Map<string, BuiltImage>;

beforeEach(async () => {
  lab = await TrustLab.open();
  [staging, canonical] = [lab.keep(await startRegistry()), lab.keep(await startRegistry())];
  cosigns = { cosign2: await lab.cosign('cosign2'), cosign3: await lab.cosign('cosign3') };
  images = new Map();
});
afterEach(() => lab.close());

/** Pushes an image to staging; answers its reference by digest. */
async function push(name: string): Promise<string> {
  const image = buildImage({ layers: [{ sizeBytes: 500, seed: name }] });
  images.set(name, image);
  await pushImage({ url: staging.url, repository: `staging/${name}`, image });
  return `${staging.host}/staging/${name}@${image.manifest.digest}`;
}

function digestOf(name: string): string {
  return images.get(name)?.manifest.digest ?? '';
}

/** One project that promotes every image as `v1`. */
function writeTree(): void {
  const tags = [...images].map(([name, { manifest }]) => [name, { [manifest.digest]: ['v1'] }] as const);
  lab.project('gated', [staging.host, canonical.host], Object.fromEntries(tags));
}

async function run(): Promise<{ readonly exitCode: number | null; readonly report: Report }> {
  const { exitCode, stdout, stderr } = await lab.run('run', '--confirm', '--output', 'json');
  expect(stdout, stderr).toMatch(/^\{/);
  return { exitCode, report: JSON.parse(stdout) as Report };
}

/** What the gate said, by image name. */
function byName<Value>(
  { gate }: Report,
  tell: (digest: Report['gate']['digests'][number]) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(gate.digests.map((one) => [one.source.slice(one.source.lastIndexOf('/') + 1), tell(one)]));
}

/** Names of the images whose tag is at the canonical registry. */
async function promoted(): Promise<readonly string[]> {
  const found = await Promise.all(
    [...images.keys()].map(async (name) => ('v1' in (await readTags(canonical.url, `prod/${name}`)) ? [name] : [])),
  );
  return found.flat().sort();
}

describe('signatures of staging', () => {
  let publicKey: string;
  /** By the verdict that each must get. */
  const VERDICTS = {
    'by-cosign2': 'verified',
    'by-cosign3': 'verified',
    'by-cosign3-rekor2': 'verified',
    'by-key-cosign2': 'verified',
    'by-key-cosign3': 'verified',
    'beside-stranger': 'verified',
    'stranger-sig': 'untrusted',
    'stranger-bundle': 'untrusted',
    'unknown-key': 'unverifiable',
    replayed: 'failed',
    unsigned: 'absent',
  } as const;
  /** Signed as `.sig` by whom the settings expect; cosign 3 writes bundles. */
  const STAGED: readonly string[] = ['by-cosign2', 'by-key-cosign2', 'beside-stranger'];
  const named = (...verdicts: readonly string[]): readonly string[] =>
    Object.entries(VERDICTS)
      .flatMap(([name, verdict]) => (verdicts.includes(verdict) ? [name] : []))
      .sort();

  beforeEach(async () => {
    const keys = await makeKeys('release');
    publicKey = `${keys}.pub`;
    await sign('cosign2', 'by-cosign2', { email: RELEASE });
    await sign('cosign3', 'by-cosign3', { email: RELEASE });
    await sign('cosign3', 'by-cosign3-rekor2', { email: RELEASE, rekor: 2 });
    await signWithKey('cosign2', 'by-key-cosign2', keys);
    await signWithKey('cosign3', 'by-key-cosign3', keys);
    await sign('cosign2', 'beside-stranger', { email: STRANGER });
    await sign('cosign2', 'beside-stranger', { email: RELEASE });
    await sign('cosign2', 'stranger-sig', { email: STRANGER });
    await sign('cosign3', 'stranger-bundle', { email: STRANGER });
    await signWithKey('cosign3', 'unknown-key', await makeKeys('stranger'));
    await push('unsigned');
    await push('replayed');
    await replay('by-cosign2', 'replayed');
    writeTree();
  });

  it('stop only what fails under if-present, each edge by itself', async () => {
    configure('if-present');

    const { exitCode, report } = await run();

    expect(exitCode).toBe(4);
    expect(byName(report, ({ signature }) => signature.verdict)).toEqual(VERDICTS);
    expect(byName(report, ({ refused }) => refused?.code ?? null)).toEqual({
      ...Object.fromEntries(Object.keys(VERDICTS).map((name) => [name, null])),
      replayed: 'SIG_PAYLOAD_DIGEST',
    });
    expect(byName(report, ({ warnings = [] }) => warnings.join(' '))).toMatchObject({
      'stranger-sig': expect.stringMatching(/untrusted.*stranger@devstack.example/) as string,
      'stranger-bundle': expect.stringMatching(/untrusted.*stranger@devstack.example/) as string,
      'beside-stranger': expect.stringContaining('untrusted') as string,
      'by-cosign2': '',
    });
    expect(await promoted()).toEqual(named('verified', 'untrusted', 'unverifiable', 'absent'));
    await expectSignedByUs(named('verified', 'untrusted', 'unverifiable', 'absent'));
  });

  it('stop everything without a verified one under require, and none of that is signed', async () => {
    configure('require');
    const before = lab.sigstore.counts().rekorV1Entries;

    const { exitCode, report } = await run();

    expect(exitCode).toBe(4);
    expect(byName(report, ({ signature }) => signature.verdict)).toEqual(VERDICTS);
    const refused = Object.entries(byName(report, (one) => one.refused)).filter(([, reason]) => reason !== undefined);
    expect(refused.map(([name]) => name).sort()).toEqual(named('untrusted', 'unverifiable', 'failed', 'absent'));
    expect(new Set(refused.map(([, reason]) => reason?.reason))).toEqual(new Set(['signature']));
    expect(await promoted()).toEqual(named('verified'));
    await expectSignedByUs(named('verified'));
    // A bundle, a .sig and a record for each that passed, nothing for what was refused.
    expect(lab.sigstore.counts().rekorV1Entries - before).toBe(3 * named('verified').length);
    for (const name of named('untrusted', 'unverifiable', 'failed', 'absent')) {
      const at = `${canonical.url}/v2/prod/${name}/manifests/`;
      const { status } = await fetch(at + digestOf(name), { method: 'HEAD' });
      expect([name, status]).toEqual([name, 404]);
    }
  });

  function configure(signatures: string): void {
    const release = `{ subject: "${RELEASE}", issuer: "${lab.sigstore.url}" }`;
    const identities = `  identities: [ ${release}, { key: "${publicKey}" } ]\n`;
    lab.configure({ canonical: canonical.host, more: `staging:\n  signatures: ${signatures}\n${identities}` });
  }

  async function sign(program: CosignProgram, name: string, options: SigningOptions): Promise<void> {
    const reference = images.has(name) ? `${staging.host}/staging/${name}@${digestOf(name)}` : await push(name);
    passes(await cosigns[program].signing('sign', options, reference));
  }

  async function signWithKey(program: CosignProgram, name: string, keys: string): Promise<void> {
    const { files, url } = lab.sigstore;
    const services =
      program === 'cosign2'
        ? [`--rekor-url=${url}`]
        : [`--signing-config=${files.signingConfig}`, `--trusted-root=${files.trustedRoot}`];
    passes(await cosigns[program].run('sign', '--yes', ...services, `--key=${keys}.key`, await push(name)));
  }

  async function makeKeys(name: string): Promise<string> {
    const prefix = join(lab.dir, name);
    passes(await cosigns.cosign3.run('generate-key-pair', `--output-key-prefix=${prefix}`));
    return prefix;
  }

  /** A signature of one image, put where that of another is looked for: signed by us, about something else. */
  async function replay(from: string, to: string): Promise<void> {
    const tagOf = (name: string): string => signatureTag(parseDigest(digestOf(name))) ?? '';
    const source = `${staging.url}/v2/staging/${from}`;
    const headers = { accept: MEDIA_TYPES.ociManifest };
    const manifest = await (await fetch(`${source}/manifests/${tagOf(from)}`, { headers })).text();
    const target = `${staging.url}/v2/staging/${to}`;
    const document = JSON.parse(manifest) as { config: { digest: string }; layers: { digest: string }[] };
    for (const { digest } of [document.config, ...document.layers]) {
      const mount = `${target}/blobs/uploads/?mount=${digest}&from=staging/${from}`;
      expect((await fetch(mount, { method: 'POST' })).status).toBe(201);
    }
    const put = { method: 'PUT', body: manifest, headers: { 'content-type': MEDIA_TYPES.ociManifest } };
    expect((await fetch(`${target}/manifests/${tagOf(to)}`, put)).status).toBe(201);
  }

  /** Nothing that lay in staging came along but what an expected signer had written as `.sig`, beside ours. */
  async function expectSignedByUs(names: readonly string[]): Promise<void> {
    const watch = lab.keep(new EvidenceWatch(lab.sigstore));
    for (const name of names) {
      const repository = `${canonical.host}/prod/${name}`;
      const kept = await watch.kept({ repository, digest: digestOf(name), reference: `${PUBLIC_NAME}/${name}` });
      const other = STAGED.includes(name) ? 1 : 0;
      expect([name, kept]).toEqual([name, { sig: 1, bundles: { [SIGN]: 1, [RECORD]: 1 }, other }]);
    }
    const { cosign2 } = cosigns;
    const verify = (name: string, ...by: readonly string[]): Promise<CosignRun> =>
      cosign2.verifying('verify', ...by, `${canonical.host}/prod/${name}@${digestOf(name)}`);
    for (const name of ['by-cosign2', 'beside-stranger']) {
      passes(await verify(name, ...cosign2.identity()));
      passes(await verify(name, ...cosign2.identity(RELEASE)));
    }
    expect((await verify('beside-stranger', ...cosign2.identity(STRANGER))).exitCode).not.toBe(0);
    passes(await verify('by-key-cosign2', `--key=${publicKey}`));
  }
});

describe('a provenance policy', () => {
  const SATISFIED = ['by-cosign2', 'by-cosign3'];
  const UNSATISFIED = ['none', 'other-builder', 'other-source', 'stranger'];

  beforeEach(async () => {
    await attest('cosign2', 'by-cosign2', BUILD);
    await attest('cosign3', 'by-cosign3', BUILD);
    await attest('cosign3', 'stranger', STRANGER);
    await attest('cosign3', 'other-source', BUILD, { source: 'git+https://github.com/stranger/app' });
    await attest('cosign3', 'other-builder', BUILD, { builder: 'https://builder.stranger.example' });
    await push('none');
    writeTree();
    lab.configure({ canonical: canonical.host, more: 'attest: {}\n' });
  });

  it('refuses the edges that it does not cover, and carries what it accepted', async () => {
    writePolicy('require');

    const { exitCode, report } = await run();

    expect(exitCode).toBe(4);
    expect(byName(report, ({ provenance }) => provenance?.verdict)).toEqual({
      'by-cosign2': 'satisfied',
      'by-cosign3': 'satisfied',
      stranger: 'unsatisfied',
      'other-source': 'unsatisfied',
      'other-builder': 'unsatisfied',
      none: 'unsatisfied',
    });
    expect(byName(report, ({ refused }) => refused?.reason ?? null)).toEqual({
      ...Object.fromEntries(SATISFIED.map((name) => [name, null])),
      ...Object.fromEntries(UNSATISFIED.map((name) => [name, 'provenance'])),
    });
    expect(await promoted()).toEqual(SATISFIED);
    passes(await verifyCarried('by-cosign3'));
    // An .att is never carried.
    expect((await verifyCarried('by-cosign2')).exitCode).not.toBe(0);
    // It counts all the same as long as it is in staging: verify finds the policy satisfied, and what was refused not there.
    expect(await verifyFindings()).toEqual(UNSATISFIED.map((name) => `missing ${name}`));
  });

  it('that warns lets everything through, says so, and carries only what satisfies', async () => {
    writePolicy('warn');

    const { exitCode, report } = await run();

    expect(exitCode).toBe(0);
    const warned = Object.entries(byName(report, ({ warnings = [] }) => warnings.length > 0)).filter(([, is]) => is);
    expect(warned.map(([name]) => name).sort()).toEqual(UNSATISFIED);
    expect(await promoted()).toEqual([...SATISFIED, ...UNSATISFIED].sort());
    passes(await verifyCarried('by-cosign3'));
    for (const name of UNSATISFIED) expect((await verifyCarried(name)).exitCode).not.toBe(0);
  });

  function writePolicy(mode: 'require' | 'warn'): void {
    const policy = {
      mode,
      signers: [`sigstore::${lab.sigstore.url}::${BUILD}`],
      builders: [{ id: 'https://builder.example.org', level: 3 }],
      sources: ['github.com/example/app'],
      // cosign 2 writes `invocationID` for what SLSA calls `invocationId`, which level 3 asks for.
      level: 2,
    };
    const file = join(lab.tree, 'manifests/gated/promoter-manifest.yaml');
    appendFileSync(file, `provenance: ${JSON.stringify(policy)}\n`);
  }

  async function attest(
    program: CosignProgram,
    name: string,
    email: string,
    { builder = 'https://builder.example.org', source = 'git+https://github.com/example/app' } = {},
  ): Promise<void> {
    const predicate = {
      buildDefinition: {
        buildType: 'https://example.org/build',
        externalParameters: { source },
        internalParameters: {},
        resolvedDependencies: [{ uri: source, digest: { gitCommit: 'a'.repeat(40) } }],
      },
      runDetails: { builder: { id: builder }, metadata: { invocationId: 'https://builder.example.org/runs/1' } },
    };
    const file = join(lab.dir, `${name}.json`);
    writeFileSync(file, JSON.stringify(predicate));
    const about = ['--type=slsaprovenance1', `--predicate=${file}`];
    passes(await cosigns[program].signing('attest', { email }, ...about, await push(name)));
  }

  async function verifyFindings(): Promise<readonly string[]> {
    const { stdout, stderr } = await lab.run('verify', '--output', 'json');
    expect(stdout, stderr).toMatch(/^\{/);
    const { findings } = JSON.parse(stdout) as { findings: readonly { kind: string; repository: string }[] };
    return findings.map(({ kind, repository }) => `${kind} ${repository.slice(repository.lastIndexOf('/') + 1)}`);
  }

  function verifyCarried(name: string): Promise<CosignRun> {
    const cosign = cosigns.cosign3;
    const reference = `${canonical.host}/prod/${name}@${digestOf(name)}`;
    return cosign.verifying('verify-attestation', `--type=${SLSA}`, ...cosign.identity(BUILD), reference);
  }
});
