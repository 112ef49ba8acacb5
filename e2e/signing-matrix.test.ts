// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { buildImage, buildIndex, pushImage, startRegistry } from '@promograph/devstack';
import { createMemoryLimiter } from '@promograph/limiter';
import { parseRepository } from '@promograph/oci';
import { createRegistryClient, profileOf, referrersTag } from '@promograph/registry';
import { signatureTag } from '@promograph/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CosignProgram, CosignRun } from './support/cosign.ts';
import { type PeerRegistry, startPeerRegistry } from './support/peer-registry.ts';
import { PUBLIC_NAME, TrustLab } from './support/trust-lab.ts';
import type { TrustingCosign } from './support/trusting-cosign.ts';

type Host = Pick<PeerRegistry, 'url' | 'host' | 'close'>;

const RECORD = 'https://k8s.io/promo-tools/promotion/v1';
const SIGN = 'https://sigstore.dev/cosign/sign/v1';
const PROGRAMS = ['cosign2', 'cosign3'] as const;
const REGISTRIES: Readonly<Record<string, () => Promise<Host>>> = {
  embedded: () => startRegistry(),
  'docker-registry': () => startPeerRegistry('docker-registry'),
  'docker-registry-system': () => startPeerRegistry('docker-registry-system'),
};
const image = (seed: string): ReturnType<typeof buildImage> => buildImage({ layers: [{ sizeBytes: 2000, seed }] });
const web = buildIndex({ images: [image('amd64'), image('arm64')] });
const tool = image('tool');
const index = web.manifest.digest;
const children = web.children.map(({ manifest }) => manifest.digest);

const passes = (run: CosignRun): void => {
  expect(run.exitCode, run.stderr).toBe(0);
};
const refuses = (run: CosignRun, words: RegExp): void => {
  expect([run.exitCode === 0, run.stderr]).toEqual([false, expect.stringMatching(words)]);
};

/** A promoted index and image on a registry, signed and attested by the program. */
class Promoted {
  readonly lab: TrustLab;
  readonly registry: Host;
  readonly #cosigns = new Map<CosignProgram, TrustingCosign>();

  private constructor(lab: TrustLab, registry: Host) {
    this.lab = lab;
    this.registry = registry;
  }

  static async on(kind: string, settings: { readonly rekor: 1 | 2; readonly key?: boolean }): Promise<Promoted> {
    const lab = await TrustLab.open();
    const start = REGISTRIES[kind];
    if (start === undefined) throw new Error(`no registry ${kind}`);
    const [source, registry] = [lab.keep(await startRegistry()), lab.keep(await start())];
    const promoted = new Promoted(lab, registry);
    for (const program of PROGRAMS) {
      promoted.#cosigns.set(program, await lab.cosign(program, { COSIGN_PASSWORD: 'secret' }));
    }
    await pushImage({ url: source.url, repository: 'staging/web', image: web });
    await pushImage({ url: source.url, repository: 'staging/tool', image: tool });
    const hosts = [source.host, registry.host];
    lab.project('web', hosts, { web: { [index]: ['v1', 'v1.2'] }, tool: { [tool.manifest.digest]: [] } });
    const { rekor, key = false } = settings;
    if (key) lab.env['COSIGN_PASSWORD'] = 'secret';
    const path = key ? { key: `${await promoted.makeKey('own')}.key` } : {};
    lab.configure({ canonical: registry.host, rekor, more: 'attest: {}\n', ...path });
    const { exitCode, stdout, stderr } = await lab.run('run', '--confirm');
    expect(exitCode, stdout + stderr).toBe(0);
    return promoted;
  }

  cosign(program: CosignProgram): TrustingCosign {
    const cosign = this.#cosigns.get(program);
    if (cosign === undefined) throw new Error(`${program} is not open`);
    return cosign;
  }

  /** Path of a key pair without `.key` and `.pub`. */
  async makeKey(name: string, program: CosignProgram = 'cosign2'): Promise<string> {
    const prefix = join(this.cosign(program).home, name);
    passes(await this.cosign(program).run('generate-key-pair', `--output-key-prefix=${prefix}`));
    return prefix;
  }

  reference(digest: string, name = 'web'): string {
    return `${this.registry.host}/prod/${name}@${digest}`;
  }

  /** Every digest that was promoted. */
  references(): readonly string[] {
    const web = [index, ...children].map((digest) => this.reference(digest));
    return [...web, this.reference(tool.manifest.digest, 'tool')];
  }
}

const MATRIX = Object.keys(REGISTRIES).flatMap((kind) => ([1, 2] as const).map((rekor) => [kind, rekor] as const));

describe.each(MATRIX)('what is promoted to %s with Rekor v%i', (kind, rekor) => {
  let promoted: Promoted;
  beforeAll(async () => {
    promoted = await Promoted.on(kind, { rekor });
  });
  afterAll(() => promoted.lab.close());

  it('is verified by cosign 3 as bundles, the index and every child, by that identity alone', async () => {
    const cosign = promoted.cosign('cosign3');
    for (const reference of promoted.references()) {
      const run = await cosign.verifying('verify', ...cosign.identity(), reference);
      passes(run);
      expect(typesIn(run)).toContain(SIGN);
      const stranger = await cosign.verifying('verify', ...cosign.identity('stranger@devstack.example'), reference);
      refuses(stranger, /expected SAN value "stranger@devstack.example"/);
    }
  });

  it.each(rekor === 1 ? PROGRAMS : [])('is verified by %s as .sig, under the name that users pull', async (program) => {
    const cosign = promoted.cosign(program);
    for (const reference of promoted.references()) {
      const run = await cosign.verifying('verify', '--new-bundle-format=false', ...cosign.identity(), reference);
      passes(run);
      const name = /\/prod\/([a-z]+)@/.exec(reference)?.[1] ?? '';
      expect(referencesIn(run)).toEqual([`${PUBLIC_NAME}/${name}`]);
      const stranger = cosign.identity('stranger@devstack.example');
      refuses(await cosign.verifying('verify', '--new-bundle-format=false', ...stranger, reference), /none of the/);
    }
  });

  it.each(rekor === 2 ? PROGRAMS : [])('has no .sig for %s, which needs a Rekor v1 log', async (program) => {
    const cosign = promoted.cosign(program);
    for (const reference of promoted.references()) {
      refuses(
        await cosign.verifying('verify', '--new-bundle-format=false', ...cosign.identity(), reference),
        /no signatures found/,
      );
    }
  });

  // cosign 2 reads bundles of attestations, but no entry of a Rekor v2 log.
  const readers = rekor === 1 ? PROGRAMS : (['cosign3'] as const);
  it.each(readers)('has a promotion record that %s verifies, by type, digest and identity', async (program) => {
    const cosign = promoted.cosign(program);
    const verify = (type: string, subject: string, reference: string): Promise<CosignRun> =>
      cosign.verifying(
        'verify-attestation',
        '--new-bundle-format',
        `--type=${type}`,
        ...cosign.identity(subject),
        reference,
      );
    const signer = 'signer@devstack.example';
    for (const [name, digest] of [
      ['web', index],
      ['tool', tool.manifest.digest],
    ] as const) {
      const reference = promoted.reference(digest, name);
      const run = await verify(RECORD, signer, reference);
      passes(run);
      expect(statementsIn(run)).toMatchObject([
        {
          predicateType: RECORD,
          subject: [{ name: `${PUBLIC_NAME}/${name}`, digest: { sha256: digest.slice('sha256:'.length) } }],
          predicate: { digest, dstRef: expect.stringContaining(`${PUBLIC_NAME}/${name}`) as string },
        },
      ]);
      refuses(await verify(RECORD, 'stranger@devstack.example', reference), /./);
      refuses(await verify('slsaprovenance1', signer, reference), /./);
    }
  });

  it('is found through the referrers API or, where there is none, the fallback tag', async () => {
    const client = createRegistryClient({
      limiter: createMemoryLimiter({ capFor: () => null }),
      profileFor: (host) => profileOf(host),
      credentials: { find: async () => null },
    });
    const repository = parseRepository(`${promoted.registry.host}/prod/web`);
    const fallback = await client.headManifest(repository, referrersTag(index));
    const legacy = await client.headManifest(repository, signatureTag(index) ?? '');
    await client.close();
    const api = await fetch(`${promoted.registry.url}/v2/prod/web/referrers/${index}`);
    expect([fallback === null, api.status === 200]).toEqual(kind === 'embedded' ? [true, true] : [false, false]);
    expect(legacy === null).toBe(rekor === 2);
  });
});

describe.each([
  ['embedded', 1],
  ['embedded', 2],
  ['docker-registry', 1],
] as const)('what is promoted to %s with a key and Rekor v%i', (kind, rekor) => {
  let promoted: Promoted;
  beforeAll(async () => {
    promoted = await Promoted.on(kind, { rekor, key: true });
  });
  afterAll(() => promoted.lab.close());

  const verifiers = rekor === 1 ? PROGRAMS : (['cosign3'] as const);
  it.each(verifiers)('is verified by %s with that key alone', async (program) => {
    const cosign = promoted.cosign(program);
    const own = `--key=${join(promoted.cosign('cosign2').home, 'own.pub')}`;
    const stranger = `--key=${await promoted.makeKey('stranger', program)}.pub`;
    for (const reference of promoted.references()) {
      passes(await cosign.verifying('verify', own, reference));
      refuses(await cosign.verifying('verify', stranger, reference), /./);
    }
    const record = ['--new-bundle-format', `--type=${RECORD}`];
    passes(await cosign.verifying('verify-attestation', ...record, own, promoted.reference(index)));
    refuses(await cosign.verifying('verify-attestation', ...record, stranger, promoted.reference(index)), /./);
  });
});

interface Verified {
  readonly critical: { readonly type: string; readonly identity: { readonly 'docker-reference': string } };
}

function verifiedIn({ stdout }: CosignRun): readonly Verified[] {
  return JSON.parse(stdout) as readonly Verified[];
}

function typesIn(run: CosignRun): readonly string[] {
  return verifiedIn(run).map(({ critical }) => critical.type);
}

function referencesIn(run: CosignRun): readonly string[] {
  return verifiedIn(run).map(({ critical }) => critical.identity['docker-reference']);
}

/** Statements in what `verify-attestation` prints: one envelope in each line. */
function statementsIn({ stdout }: CosignRun): readonly unknown[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const { payload } = JSON.parse(line) as { readonly payload: string };
      return JSON.parse(Buffer.from(payload, 'base64').toString()) as unknown;
    });
}
