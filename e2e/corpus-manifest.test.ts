// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printPosition, readTree, type Tree } from '@promograph/manifest';
import { describe, expect, it } from 'vitest';

const CORPUS = fileURLToPath(new URL('../../shared/corpus', import.meta.url));
const TREE = `${CORPUS}/k8s.gcr.io-2022-01-31`;

const countOf = (tree: Tree, code: string, project?: string): number =>
  tree.findings.filter((finding) => finding.code === code && (project ?? finding.project) === finding.project).length;
const digestsOf = (tree: Tree): readonly (readonly unknown[])[] =>
  tree.projects.flatMap(({ images }) => images.flatMap(({ digests }) => digests.map(({ tags }) => tags)));

// The corpus is optional: without it there is nothing to read, which is said and not passed over.
if (!existsSync(TREE)) {
  it('the corpus is not here: not run', () => {
    console.log('e2e: ../shared/corpus is not here: the real promotion trees were not read');
  });
} else {
  describe('the promotion trees of Kubernetes, 2022-01-31', () => {
    it('are read with exactly their known oddities', async () => {
      const tree = await readTree(TREE);

      expect(tree.projects).toHaveLength(69);
      expect(tree.projects.reduce((sum, { images }) => sum + images.length, 0)).toBe(489);
      expect(digestsOf(tree)).toHaveLength(8306);
      expect(digestsOf(tree).filter((tags) => tags.length === 0)).toHaveLength(0);
      expect(tree.findings).toHaveLength(176);
      expect(countOf(tree, 'repeated-image-name', 'k8s-staging-kops')).toBe(159);
      expect(countOf(tree, 'repeated-image-name', 'k8s-staging-etcdadm')).toBe(15);
      const others = tree.findings.filter(({ code }) => code !== 'repeated-image-name');
      expect(others.map(({ code, severity, at }) => `${severity} ${code} ${printPosition(at)}`)).toEqual([
        'error invalid-digest images/k8s-staging-build-image/images.yaml:273:5',
        'warning orphan-images images/k8s-staging-sched-simulator/images.yaml:1:1',
      ]);
    });

    it('are read whole from the archive, whose one project has 3 MB', async () => {
      const tree = await readTree(`${TREE}-archived`);

      expect([tree.findings, tree.projects.length]).toEqual([[], 1]);
      expect(digestsOf(tree)).toHaveLength(32_422);
      expect(digestsOf(tree).filter((tags) => tags.length === 0)).toHaveLength(8756);
    });

    it('cost less than 3 s of processor time on a machine with two cores', async () => {
      const before = process.cpuUsage();
      await readTree(TREE);
      const { user, system } = process.cpuUsage(before);

      expect((user + system) / 1e6).toBeLessThan(3);
    });
  });
}
