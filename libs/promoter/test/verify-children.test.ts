// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex, pushImage, type RegistryOptions, type RunningRegistry } from '@promograph/devstack';
import type { Digest } from '@promograph/oci';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const [amd64, arm64] = ['amd64', 'arm64'].map((seed) => buildImage({ layers: [{ sizeBytes: 2000, seed }] }));
if (amd64 === undefined || arm64 === undefined) throw new Error('two images are needed');
const web = buildIndex({ images: [amd64, arm64] });
const [index, child, sibling] = [web.manifest.digest, arm64.manifest.digest, amd64.manifest.digest];
const PROD = 'prod/web';
const LEGACY = '  formats: [legacy]\n';

const sigTag = (digest: Digest): string => `${digest.replace(':', '-')}.sig`;

describe.each([
  ['a registry that lists digests', 'google'],
  ['any other registry', 'oci'],
] as const)('verify looks below an index, at %s', (_, listing) => {
  let lab: SigningLab;
  let staging: RunningRegistry;

  beforeEach(async () => {
    lab = new SigningLab();
    await lab.startSigstore();
    staging = await lab.start();
    await pushImage({ url: staging.url, repository: 'staging/web', image: web });
  });
  afterEach(() => lab.close());

  async function signed(options: RegistryOptions = {}, through: 'promote' | 'sign' = 'sign'): Promise<RunningRegistry> {
    const canonical = await lab.start({ listing, ...options });
    lab.project('web', [staging, canonical], { web: { [index]: ['v1'] } });
    lab.configure(canonical, { signing: LEGACY });
    await (await lab.session()).promote(undefined, { confirm: true, through });
    return canonical;
  }

  const findings = async (confirm = false): Promise<readonly object[]> =>
    (await (await lab.session()).verify({ confirm })).report.findings;
  const remove = async ({ url }: RunningRegistry, reference: string): Promise<void> => {
    expect((await fetch(`${url}/v2/${PROD}/manifests/${reference}`, { method: 'DELETE' })).status).toBe(202);
  };

  it('finds nothing where index and children are signed', async () => {
    await signed();

    const { report } = await (await lab.session()).verify({});

    expect(report).toMatchObject({ summary: { images: 1, verified: 1, findings: 0 }, findings: [] });
  });

  it('tells an unsigned child with its index, counts the image as not verified, and heals it', async () => {
    const canonical = await signed();
    await remove(canonical, sigTag(child));

    const { report } = await (await lab.session()).verify({});
    const repository = `${canonical.host}/${PROD}`;
    expect(report.findings).toMatchObject([{ kind: 'unsigned', repository, digest: child, index, tags: [] }]);
    expect(report.summary).toMatchObject({ images: 1, verified: 0, findings: 1 });

    expect(await findings(true)).toMatchObject([{ kind: 'unsigned', digest: child, index, healed: true }]);
    expect(await findings()).toEqual([]);
  });

  it('tells a child whose only signature is about another image', async () => {
    const { url } = await signed();
    const copied = await fetch(`${url}/v2/${PROD}/manifests/${sigTag(sibling)}`);
    await fetch(`${url}/v2/${PROD}/manifests/${sigTag(child)}`, {
      method: 'PUT',
      headers: { 'content-type': copied.headers.get('content-type') ?? '' },
      body: await copied.bytes(),
    });

    expect(await findings()).toMatchObject([{ kind: 'wrong-subject', digest: child, index }]);
  });

  it('tells a child that somebody else signed', async () => {
    const canonical = await signed();
    const subject = 'stranger@example.org';
    await remove(canonical, sigTag(child));
    lab.configure(canonical, { signing: LEGACY, subject });
    const env = { XDG_STATE_HOME: `${lab.dir}/state`, SIGSTORE_ID_TOKEN: lab.sigstore.token({ email: subject }) };
    await (await lab.session({ env })).promote(undefined, { confirm: true, through: 'sign', scope: 'present' });
    lab.configure(canonical, { signing: LEGACY });

    expect(await findings()).toMatchObject([{ kind: 'foreign-signer', digest: child, index }]);
  });

  it('tells a child that is gone, which signing cannot mend', async () => {
    const canonical = await signed();
    await remove(canonical, child);

    expect(await findings()).toMatchObject([{ kind: 'missing', digest: child, index }]);
    expect(await findings(true)).toMatchObject([{ kind: 'missing', digest: child, index }]);
  });

  it('tells a child that cannot be read, and the rest all the same', async () => {
    const canonical = await signed();
    await remove(canonical, sigTag(sibling));
    canonical.setFault(({ path }) =>
      path.includes(`referrers/${child}`) ? { kind: 'status', status: 403 } : undefined,
    );

    const kinds = (await findings()).map((finding) => finding as { kind: string; digest: string });

    expect(kinds.map(({ kind, digest }) => [digest, kind])).toEqual(
      [
        [child, 'unreadable'],
        [sibling, 'unsigned'],
      ].toSorted(),
    );
  });

  it('asks the fewest requests, each child once however many indexes name it', async () => {
    const both = buildIndex({ images: [amd64, arm64, buildImage({ layers: [{ sizeBytes: 10, seed: 'third' }] })] });
    await pushImage({ url: staging.url, repository: 'staging/web', image: both });
    const canonical = await lab.start({ listing });
    lab.project('web', [staging, canonical], { web: { [index]: ['v1'], [both.manifest.digest]: ['v2'] } });
    lab.configure(canonical, { signing: LEGACY });
    const session = await lab.session();
    await session.promote(undefined, { confirm: true, through: 'sign' });
    canonical.clearRequests();

    expect((await session.verify({})).report.summary).toMatchObject({ images: 2, verified: 2 });

    const { byKind } = canonical.counts;
    const manifests = (byKind['GET manifest'] ?? 0) + (byKind['HEAD manifest'] ?? 0);
    // Two indexes, and for each of five digests its signature; without listings also the tags and the children.
    expect(manifests).toBe(listing === 'google' ? 7 : 7 + 2 + 3);
    expect(byKind).toMatchObject({ 'GET referrers': 5, 'GET blob': 5 });
  });

  it('expects no record of a child', async () => {
    const canonical = await lab.start({ listing });
    lab.project('web', [staging, canonical], { web: { [index]: ['v1'] } });
    lab.configure(canonical, { more: 'attest: {}\n' });
    await (await lab.session()).promote(undefined, { confirm: true, through: 'attest' });

    expect(await findings()).toEqual([]);
  });
});
