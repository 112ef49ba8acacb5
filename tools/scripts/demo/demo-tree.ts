// SPDX-License-Identifier: Apache-2.0
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readTree } from '@promograph/manifest';
import {
  type PlanReport,
  type PromoteReceipt,
  readPlanReport,
  readPromoteReceipt,
  readTrustReceipt,
  type TrustReceipt,
} from '@promograph/report';
import { expectThat } from './demo-failure.ts';
import { PRODUCTION } from './demo-registries.ts';
import type { Pull } from './pull-check.ts';

/** The committed promotion tree, with what the tools write about it. */
export interface DemoTree {
  readonly projects: readonly string[];
  /** One pull per digest, production repository and tag, plus one by digest. */
  readonly pulls: readonly Pull[];
  /** Edges: one digest to one production repository under one tag or none. */
  readonly edges: number;
  /** Images: one digest of one name. */
  readonly digests: number;
  readonly forgetArtifacts: () => Promise<void>;
  readonly readPlans: () => Promise<readonly PlanReport[]>;
  readonly readReceipts: () => Promise<readonly PromoteReceipt[]>;
  readonly readTrust: (stage: 'sign' | 'attest') => Promise<readonly TrustReceipt[]>;
}

/** Reads the tree at `root`; artifacts are below `.promo`. Error: `DemoFailure` when the tree has findings. */
export async function openDemoTree(root: string): Promise<DemoTree> {
  const tree = await readTree(root);
  expectThat(tree.findings.length === 0, `the tree has ${tree.findings.length} findings`);
  const projects = tree.projects.map(({ name }) => name);
  const targets = tree.projects.flatMap((project) =>
    project.destinations.flatMap((destination) =>
      project.images.flatMap((image) => image.digests.map((entry) => ({ destination, image, entry }))),
    ),
  );
  const pulls = targets.flatMap(({ destination, image, entry: { digest, tags } }) => {
    const [host = '', ...path] = destination.name.split('/');
    const place = { url: `http://${host}`, repository: [...path, image.name].join('/'), digest };
    return [digest, ...tags.map(({ tag }) => tag)].map((reference) => ({ ...place, reference }));
  });
  const readAll = async (file: string): Promise<readonly string[]> =>
    Promise.all(projects.map((project) => readFile(join(root, '.promo', project, file), 'utf8')));
  return {
    projects,
    pulls,
    edges: targets.reduce((sum, { entry }) => sum + Math.max(entry.tags.length, 1), 0),
    digests:
      new Set(targets.map(({ destination, image, entry }) => `${destination.name} ${image.name} ${entry.digest}`))
        .size / PRODUCTION.length,
    forgetArtifacts: () => rm(join(root, '.promo'), { recursive: true, force: true }),
    readPlans: async () => (await readAll('plan.json')).map(readPlanReport),
    readTrust: async (stage) => (await readAll(`${stage}.json`)).map(readTrustReceipt),
    readReceipts: async () => (await readAll('promote.json')).map(readPromoteReceipt),
  };
}
