// SPDX-License-Identifier: Apache-2.0
import type { PlannedAction, ProjectPlan } from '@promograph/plan';
import { compareText } from '@promograph/plan';
import { FORMAT_VERSION, type VerifyFinding, type VerifyReport } from '@promograph/report';
import pLimit from 'p-limit';
import type { LivePlan } from '../live-plan.ts';
import type { CanonicalRepositories } from '../trust/canonical-repositories.ts';
import { cosignLine } from './cosign-line.ts';
import { ImageVerifier, type PromotedImage, type VerifyExpectation, type VerifyImagePorts } from './verify-image.ts';

/** Images looked at once. */
const IMAGES_AT_ONCE = 64;

/** What the stage works with. */
export interface VerifyPorts extends VerifyImagePorts {
  readonly expectation: VerifyExpectation;
  /** Named in the lines for cosign where a key signs. */
  readonly keyFile: string;
  readonly onDone: (done: number, total: number) => void;
}

/** Holds images against what is expected of them; one that cannot be read is a finding of its own. */
export async function verifyImages(
  images: readonly PromotedImage[],
  ports: VerifyPorts,
): Promise<readonly VerifyFinding[]> {
  const limit = pLimit(IMAGES_AT_ONCE);
  const verifier = new ImageVerifier(ports.expectation, ports);
  let done = 0;
  const found = await Promise.all(
    images.map((image) =>
      limit(async () => {
        const findings = await verifier.verify(image);
        ports.onDone(++done, images.length);
        return findings;
      }),
    ),
  );
  return found.flat();
}

/** What the plans already show: edges whose tag or digest is not there, or is another. */
export function missingFindings(plans: readonly ProjectPlan[]): readonly VerifyFinding[] {
  return plans.flatMap(({ actions }) => actions.flatMap((planned) => findingOf(planned) ?? []));
}

function findingOf({ action, edge, observed, detail }: PlannedAction): VerifyFinding | null {
  const { destination, digest, tag } = edge;
  const about = { repository: destination, digest, tags: tag === null ? [] : [tag] };
  switch (action) {
    case 'present':
      return null;
    case 'refused':
      if (observed === null)
        return { ...about, kind: 'missing', message: detail ?? 'the manifests contradict each other' };
      return { ...about, kind: 'tampered', message: `the tag is ${observed} there` };
    case 'unreadable':
      return { ...about, kind: 'unreadable', message: detail ?? 'the registry could not be read' };
    case 'lost':
      return { ...about, kind: 'missing', message: 'neither the source nor the destination has it' };
    case 'tag':
      return { ...about, kind: 'missing', message: 'the digest is there, its tag is not' };
    case 'add':
      return { ...about, kind: 'missing', message: 'it was not promoted yet' };
  }
}

/** The images of the plans that are at their canonical repository, each once, with all tags that it has there. */
export function promotedImages(
  { plans, observations }: LivePlan,
  canonical: CanonicalRepositories,
  signsTagless: boolean,
): readonly PromotedImage[] {
  const images = new Map<string, PromotedImage & { tags: string[] }>();
  for (const { project, actions } of plans) {
    for (const { action, edge } of actions) {
      if (action !== 'present' || canonical.problemOf(project, edge.source, edge.digest) !== null) continue;
      if (edge.tag === null && !signsTagless) continue;
      const { repository, reference } = canonical.placeOf(project, edge.source, edge.digest);
      if (edge.destination !== repository) continue;
      const key = `${repository}@${edge.digest}`;
      const { source, digest } = edge;
      const mediaType = observations.get(repository)?.digests.get(digest) ?? '';
      const image = images.get(key) ?? { repository, digest, tags: [], reference, source, mediaType };
      images.set(key, image);
      if (edge.tag !== null && !image.tags.includes(edge.tag)) image.tags.push(edge.tag);
    }
  }
  return [...images.values()];
}

/** The report, sorted; `healed` are findings of an earlier look that are gone. */
export function verifyReport(
  images: readonly PromotedImage[],
  findings: readonly VerifyFinding[],
  { expectation, keyFile }: Pick<VerifyPorts, 'expectation' | 'keyFile'>,
): VerifyReport {
  const [signer] = expectation.own.signers;
  const open = findings.filter(({ healed }) => healed !== true);
  const wrong = new Set(open.map(({ repository, digest, index }) => `${repository}@${index ?? digest}`));
  const bySubject = (a: { repository: string; digest: string }, b: { repository: string; digest: string }): number =>
    compareText(a.repository, b.repository) || compareText(a.digest, b.digest);
  return {
    formatVersion: FORMAT_VERSION,
    summary: {
      images: images.length,
      verified: images.filter(({ repository, digest }) => !wrong.has(`${repository}@${digest}`)).length,
      findings: open.length,
      healed: findings.length - open.length,
    },
    images: images.toSorted(bySubject).map((image) => ({
      repository: image.repository,
      digest: image.digest,
      reference: image.reference,
      cosign: signer === undefined ? '' : cosignLine(image, signer, keyFile),
    })),
    findings: findings.toSorted(
      (a, b) => bySubject(a, b) || compareText(a.kind, b.kind) || compareText(a.index ?? '', b.index ?? ''),
    ),
  };
}

/** Findings of the first look, those that the second does not have any more marked as healed; then what is new. */
export function healedFindings(
  before: readonly VerifyFinding[],
  after: readonly VerifyFinding[],
): readonly VerifyFinding[] {
  const key = ({ kind, repository, digest, tags, index = '' }: VerifyFinding): string =>
    `${kind} ${repository}@${digest} ${index} ${tags.join(' ')}`;
  const left = new Set(after.map(key));
  return [
    ...before.filter((finding) => !left.has(key(finding))).map((finding) => ({ ...finding, healed: true as const })),
    ...after,
  ];
}
