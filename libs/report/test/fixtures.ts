// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '@promograph/manifest';
import { edgesOf, planEdges, type ProjectPlan } from '@promograph/plan';
import { digest, observe, projectOf } from '@promograph/plan/testing';
import type { PromoteReceipt, ReceiptEdge, ReceiptSummary } from '../src/receipt.ts';

const THREE = ['asia.example.org/prod', 'eu.example.org/prod', 'us.example.org/prod'];

/** Two projects with every action and reason in them, and a third without changes. */
export function mixedPlans(): readonly ProjectPlan[] {
  const alpha = projectOf({
    name: 'alpha',
    source: 'gcr.io/staging',
    destinations: THREE,
    images: {
      foo: {
        aa: ['v1', 'latest'],
        bb: ['v2', 'v2.0', 'v2.0.0'],
        cc: [],
        dd: ['v3'],
        ee: ['v4', 'v5'],
        '0123456789ab': ['v6'],
      },
      bar: { ff: ['1.0'], '12': ['1.1'] },
    },
  });
  const beta = projectOf({
    name: 'beta',
    source: 'gcr.io/other',
    destinations: ['eu.example.org/prod'],
    images: { foo: { ab: ['v1'] }, baz: { ac: ['v1'], ad: [] } },
  });
  const gamma = projectOf({ name: 'gamma', destinations: ['eu.example.org/prod'], images: { still: { ba: ['v1'] } } });
  const observations = observe({
    'gcr.io/staging/foo': { aa: [], bb: [], dd: [], ee: [] },
    'gcr.io/staging/bar': { ff: [], '12': [] },
    'gcr.io/other/baz': { ac: [] },
    'asia.example.org/prod/foo': { failure: '503 Service Unavailable after 4 tries' },
    'eu.example.org/prod/foo': { aa: ['latest'], ee: ['v4'], '99': ['v3'] },
    'us.example.org/prod/foo': { aa: ['v1'], '99': ['v3'] },
    'asia.example.org/prod/bar': { ff: [], '12': [] },
    'eu.example.org/prod/bar': {},
    'us.example.org/prod/bar': { ff: ['1.0'] },
    'eu.example.org/prod/baz': 'absent',
    'eu.example.org/prod/still': { ba: ['v1'] },
  });
  const acceptedLost = (edge: { readonly tag: string | null }): boolean => edge.tag === 'v6';
  return planEdges({ edges: edgesOf([alpha, beta, gamma]), observations, acceptedLost });
}

/** Everything is where it should be. */
export function quietPlans(): readonly ProjectPlan[] {
  return mixedPlans().filter(({ project }) => project === 'gamma');
}

/** A project with a wrong source registry. */
export function lostPlans(): readonly ProjectPlan[] {
  const project = projectOf({
    name: 'delta',
    source: 'gcr.io/misspelt',
    destinations: ['eu.example.org/prod'],
    images: { foo: { aa: ['v1'], bb: ['v2'] } },
  });
  const observations = observe({ 'gcr.io/misspelt/foo': 'absent', 'eu.example.org/prod/foo': 'absent' });
  return planEdges({ edges: edgesOf([project]), observations });
}

/** One project that adds `images` images of one digest with two tags to one of three destinations. */
export function longPlans(images: number): readonly ProjectPlan[] {
  const names = Array.from({ length: images }, (_, index) => `image-${String(index).padStart(4, '0')}`);
  const project = projectOf({
    name: 'long',
    source: 'gcr.io/staging',
    destinations: THREE,
    images: Object.fromEntries(names.map((name) => [name, { aa: ['v1', 'v2'] }])),
  });
  const world = names.flatMap((name) => [
    [`gcr.io/staging/${name}`, { aa: [] }] as const,
    ...THREE.map((registry, index) => [`${registry}/${name}`, index === 0 ? {} : { aa: ['v1', 'v2'] }] as const),
  ]);
  return planEdges({ edges: edgesOf([project]), observations: observe(Object.fromEntries(world)) });
}

/** Names that try to be escape sequences, Markdown, HTML, mentions and links. */
export const HOSTILE = [
  '\u001b[2J\u001b[31mred',
  'a|b`c``d',
  '<img src=x onerror=alert(1)>',
  '@everyone #1 https://evil.example www.evil.example',
  '[text](https://evil.example) **bold** _it_ ~~no~~',
  'line\nbreak\r\u2028\u202egnp.exe',
  "x'; rm -rf ~; '",
] as const;

/** Plans whose every name is hostile. */
export function hostilePlans(): readonly ProjectPlan[] {
  return HOSTILE.map((text, index) => {
    const project = projectOf({
      name: text,
      source: `h/${text}`,
      destinations: [`k/${text}`],
      images: { [text]: { aa: [text], bb: [] } },
    });
    const there = index % 2 === 0 ? { cc: [text] } : { failure: text };
    const observations = observe({ [`h/${text}/${text}`]: { bb: [] }, [`k/${text}/${text}`]: there });
    return planEdges({ edges: edgesOf([project]), observations });
  }).flat();
}

/** Findings of each severity. */
export function findings(): readonly Finding[] {
  const base = { project: 'alpha', isFatal: false, isBaselined: false };
  return [
    {
      ...base,
      code: 'invalid-digest',
      severity: 'error',
      at: { file: 'images/alpha/images.yaml', line: 3, column: 5 },
      message: 'invalid digest: sha256:0',
      hint: 'Write sha256: and 64 hexadecimal digits.',
      value: 'sha256:0',
    },
    {
      ...base,
      code: 'invalid-digest',
      severity: 'warning',
      at: { file: 'images/alpha/images.yaml', line: 9, column: 5 },
      message: 'invalid digest: ha256:3ddf',
      hint: 'Write sha256: and 64 hexadecimal digits.',
      value: 'ha256:3ddf',
      isBaselined: true,
    },
    {
      ...base,
      code: 'orphan-images',
      severity: 'warning',
      at: { file: 'images/omega/images.yaml', line: 1, column: 1 },
      message: `images without a manifest: ${HOSTILE[3]}`,
      hint: 'Add manifests/omega/promoter-manifest.yaml or remove the file.',
      value: 'omega',
      project: null,
    },
  ];
}

const NOTHING_MOVED = { copiedBytes: 0, mountedBytes: 0, copiedBlobs: 0, mountedBlobs: 0, waitedMs: 0, retries: 0 };

/** A receipt of these edges; counts come from them, what moved from `moved`. */
export function receiptOf(
  edges: readonly ReceiptEdge[],
  options: { confirmed: boolean; moved?: Partial<ReceiptSummary> },
): PromoteReceipt {
  const of = (outcome: ReceiptEdge['outcome']): number => edges.filter((edge) => edge.outcome === outcome).length;
  const counts = {
    present: of('present'),
    skipped: of('skipped'),
    refused: of('refused'),
    lost: of('lost'),
    failed: of('failed'),
  };
  return {
    formatVersion: '1.0',
    project: 'alpha',
    confirmed: options.confirmed,
    summary: {
      copied: of('added') + of('copied'),
      tagged: of('tagged'),
      ...counts,
      ...NOTHING_MOVED,
      ...options.moved,
    },
    edges,
  };
}

/** An edge of a receipt: image foo from gcr.io/staging to one of three destinations. */
export function receiptEdge(
  edge: Partial<ReceiptEdge> & { readonly where?: string; readonly hex?: string },
): ReceiptEdge {
  const { where = 'eu', hex = 'aa', ...rest } = edge;
  return {
    source: 'gcr.io/staging/foo',
    destination: `${where}.example.org/prod/foo`,
    digest: digest(hex),
    tag: 'v1',
    at: 'images/alpha/images.yaml:2:80',
    outcome: 'added',
    ...rest,
  };
}

/** A run in which every outcome happened. */
export function mixedReceipt(): PromoteReceipt {
  const failed = {
    code: 'REGISTRY_FORBIDDEN',
    message: 'POST https://us.example.org/v2/prod/foo/blobs/uploads/ answered 403',
    hint: 'Give the promoter write access to us.example.org.',
  };
  const edges = [
    receiptEdge({ where: 'asia' }),
    receiptEdge({ where: 'eu' }),
    receiptEdge({ where: 'us', outcome: 'failed', error: failed }),
    receiptEdge({ hex: 'bb', tag: 'v2', outcome: 'tagged' }),
    receiptEdge({ hex: 'bb', tag: 'v2.0', outcome: 'tagged' }),
    receiptEdge({ hex: 'cc', tag: null, outcome: 'present' }),
    receiptEdge({ hex: 'dd', tag: 'v3', outcome: 'refused', reason: 'tag-move', observed: digest('99') }),
    receiptEdge({ hex: 'ee', tag: 'v4', outcome: 'lost' }),
    receiptEdge({ hex: 'ff', tag: 'v5', outcome: 'skipped' }),
  ];
  const moved = {
    copiedBytes: 12_900_000,
    mountedBytes: 3_400_000_000,
    copiedBlobs: 40,
    mountedBlobs: 1,
    waitedMs: 12_340,
    retries: 3,
  };
  return receiptOf(edges, { confirmed: true, moved });
}
