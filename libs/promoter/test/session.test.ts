// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage, buildIndex, pushImage, type BuiltImage, type RunningRegistry } from '@promograph/devstack';
import { readPlanReport, readPromoteReceipt, readSnapshotArtifact } from '@promograph/report';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runTask } from '../src/index.ts';
import { Lab } from './lab.ts';

const image = (seed: string): BuiltImage => buildImage({ layers: [{ sizeBytes: 2000, seed }] });
const GONE = `sha256:${'0'.repeat(64)}`;

describe('a session over a tree', () => {
  const lab = (): Lab => current;
  let current: Lab;
  let staging: RunningRegistry;
  let first: RunningRegistry;
  let second: RunningRegistry;
  const web = buildIndex({ images: [image('amd64'), image('arm64')] });
  const tool = image('tool');

  beforeEach(async () => {
    current = new Lab();
    [staging, first, second] = [await current.start(), await current.start(), await current.start()];
    await pushImage({ url: staging.url, repository: 'staging/web', image: web });
    await pushImage({ url: staging.url, repository: 'staging/tool', image: tool });
    current.project('web', [staging, first, second], { web: { [web.manifest.digest]: ['v1', 'v1.2'] } });
    current.project('tool', [staging, first], { tool: { [tool.manifest.digest]: [] } });
  });
  afterEach(() => current.close());

  it('promotes what is missing and then finds everything present', async () => {
    const session = await lab().session();
    const before = await session.plan();
    expect(before.plans.map(({ summary }) => summary.add)).toEqual([1, 4]);

    const { receipts } = await session.promote(undefined, { confirm: true });

    expect(receipts.map(({ summary }) => [summary.copied, summary.failed])).toEqual([
      [1, 0],
      [4, 0],
    ]);
    const after = await session.plan();
    expect(after.plans.map(({ summary }) => summary.present)).toEqual([1, 4]);
    expect(first.repositories()['prod/web']?.tags).toEqual({ v1: web.manifest.digest, 'v1.2': web.manifest.digest });
    expect(first.repositories()['prod/web']).toEqual(second.repositories()['prod/web']);
  });

  it('writes nothing without confirm', async () => {
    const session = await lab().session();

    const { receipts } = await session.promote(undefined, { confirm: false });

    expect(receipts.flatMap(({ edges }) => edges.map(({ outcome }) => outcome))).toEqual(Array(5).fill('planned'));
    expect(first.requests.every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
    expect(existsSync(join(lab().tree, '.promo', 'web', 'promote.json'))).toBe(false);
  });

  it('leaves artifacts and a journal that can be read again', async () => {
    const session = await lab().session();
    await session.plan();
    await session.promote(['web'], { confirm: true });
    const read = (name: string): string => readFileSync(join(lab().tree, '.promo', 'web', name), 'utf8');

    expect(readPlanReport(read('plan.json')).summary.add).toBe(4);
    expect(Object.keys(readSnapshotArtifact(read('snapshot.json')).repositories)).toHaveLength(3);
    expect(readPromoteReceipt(read('promote.json'))).toMatchObject({ confirmed: true, summary: { copied: 4 } });
    const lines = read('promote.jsonl').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(Array(4).fill('added'));
  });

  it('makes the same snapshot bytes while neither the manifest nor the registries change', async () => {
    const path = join(lab().tree, '.promo', 'web', 'snapshot.json');
    const session = await lab().session();
    await session.snapshot(['web']);
    const before = readFileSync(path, 'utf8');
    await pushImage({ url: first.url, repository: 'prod/web', image: tool, tags: ['unrelated'] });

    await session.snapshot(['web']);

    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('plans from the snapshot alone as it plans live', async () => {
    const session = await lab().session();
    await pushImage({ url: first.url, repository: 'prod/web', image: web, tags: ['v1'] });
    const live = await session.plan(['web']);
    for (const registry of lab().registries) registry.clearRequests();

    const offline = await session.planFromSnapshot('web');

    expect(offline.plans).toEqual(live.plans);
    expect(lab().registries.flatMap(({ requests }) => requests)).toEqual([]);
  });

  it('refuses a moved tag, reports a lost image, and promotes the rest', async () => {
    await pushImage({ url: first.url, repository: 'prod/web', image: tool, tags: ['v1'] });
    lab().project('tool', [staging, first], { tool: { [tool.manifest.digest]: ['t'], [GONE]: ['gone'] } });
    const session = await lab().session();

    const { receipts } = await session.promote(undefined, { confirm: true });

    const outcomes = receipts.flatMap(({ edges }) =>
      edges.map(({ tag, outcome, observed }) => [tag, outcome, observed]),
    );
    expect(outcomes).toContainEqual(['v1', 'refused', tool.manifest.digest]);
    expect(outcomes).toContainEqual(['gone', 'lost', undefined]);
    expect(outcomes.filter(([, outcome]) => outcome === 'added')).toHaveLength(4);
    expect(first.repositories()['prod/web']?.tags['v1']).toBe(tool.manifest.digest);
  });

  it('keeps a destination that refuses writing apart from the others', async () => {
    first.setFault((request) => (request.method === 'POST' ? { kind: 'status', status: 403 } : undefined));
    const session = await lab().session();

    const { receipts } = await session.promote(['web'], { confirm: true });

    const failed = receipts[0]?.edges.filter(({ outcome }) => outcome === 'failed') ?? [];
    expect(failed.map(({ destination, error }) => [destination, error?.code])).toEqual(
      Array(2).fill([`${first.host}/prod/web`, 'REGISTRY_FORBIDDEN']),
    );
    expect(second.repositories()['prod/web']?.tags).toHaveProperty('v1');
  });

  it('copies what is below a tag that another promoter left incomplete', async () => {
    await first.close();
    const permissive = await lab().start({ permissive: true });
    lab().project('web', [staging, permissive], { web: { [web.manifest.digest]: ['v1'] } });
    const { digest, bytes, mediaType } = web.manifest;
    await fetch(`${permissive.url}/v2/prod/web/manifests/${digest}`, {
      method: 'PUT',
      headers: { 'content-type': mediaType },
      body: new Uint8Array(bytes),
    });
    const session = await lab().session();

    const { receipts } = await session.promote(['web'], { confirm: true });

    expect(receipts[0]?.edges.map(({ outcome }) => outcome)).toEqual(['tagged']);
    const held = permissive.repositories()['prod/web'];
    expect(held?.manifests).toHaveLength(3);
    expect(held?.blobs.length).toBe(
      new Set(web.children.flatMap(({ blobs }) => blobs.map((blob) => blob.digest))).size,
    );
  });

  it('refuses both claims on one tag, also when one project is promoted alone', async () => {
    lab().project('rival', [staging, first], { web: { [tool.manifest.digest]: ['v1'] } });
    const session = await lab().session({ projects: ['web'] });

    const { receipts } = await session.promote(undefined, { confirm: true });

    const refused = receipts[0]?.edges.filter(({ outcome }) => outcome === 'refused') ?? [];
    expect(refused.map(({ reason, conflicts }) => [reason, conflicts?.length])).toEqual([['overlap', 2]]);
    expect(first.repositories()['prod/web']?.tags).not.toHaveProperty('v1');
  });

  it('refuses a plan that does not name what is missing now, and writes nothing', async () => {
    const session = await lab().session();
    const plan = JSON.stringify({ formatVersion: '1.0', summary: {}, projects: [{ project: 'web', actions: [] }] });

    await expect(session.promote(undefined, { confirm: true, plan })).rejects.toMatchObject({
      code: 'PROMOTER_STALE_PLAN',
    });
    expect(Object.keys(first.repositories())).toEqual([]);
  });

  it('refuses a project with an invalid digest whole, and promotes the others', async () => {
    lab().project('web', [staging, first], { web: { [web.manifest.digest]: ['v1'], 'ha256:beef': ['v0'] } });
    const session = await lab().session();

    const { receipts } = await session.promote(undefined, { confirm: true });

    expect(receipts.map(({ project, edges }) => [project, edges.map(({ outcome }) => outcome)])).toEqual([
      ['tool', ['added']],
      ['web', ['refused']],
    ]);
  });

  it('lets a broken project disturb no other', async () => {
    lab().write('images/web/images.yaml', '- name: web\n  dmap: {\n');
    const session = await lab().session();

    expect(session.workspace.brokenProjects).toEqual(['web']);
    expect((await session.plan()).plans.map(({ project }) => project)).toEqual(['tool']);
    expect(
      await runTask(session, { stage: 'plan', project: 'web', confirm: false, failOn: ['invalid'] }),
    ).toMatchObject({ success: false });
  });

  it('tells a dead host once and plans the others', async () => {
    await second.close();
    const session = await lab().session();

    const { plans, hostFailures } = await session.plan();

    expect(hostFailures).toMatchObject([{ host: second.host, code: 'REGISTRY_UNREACHABLE', edges: 2 }]);
    expect(plans[1]?.summary).toMatchObject({ add: 2, unreadable: 2 });
  }, 120_000);

  it.each([
    ['says in CI that a lease ends at this machine', { CI: 'true' }, 1],
    ['says nothing of it at a desk', {}, 0],
  ])('%s', async (_name, env, count) => {
    const session = await lab().session({ env: { XDG_STATE_HOME: join(lab().dir, 'state'), ...env } });

    await session.promote(undefined, { confirm: true });

    const told = lab().events.filter((event) => event.type === 'notice' && event.message.includes('this machine only'));
    expect(told).toHaveLength(count);
  });

  it('narrows a run to nothing else than its projects', async () => {
    await expect(lab().session({ projects: ['wbe'] })).rejects.toMatchObject({ code: 'PROMOTER_UNKNOWN_PROJECT' });
    const session = await lab().session({ projects: ['tool'] });
    expect((await session.plan()).plans.map(({ project }) => project)).toEqual(['tool']);
  });
});
