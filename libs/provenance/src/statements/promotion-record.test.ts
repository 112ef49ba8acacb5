// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { CHILD_A, DIGEST } from '../evidence.testing.ts';
import {
  gitUri,
  isRecordFor,
  printStatement,
  PROMOTION_PREDICATE_TYPE,
  promotionRecord,
  type PromotionRecordInput,
  signStatement,
} from '../index.ts';

const HEX = DIGEST.slice('sha256:'.length);
const FULL: PromotionRecordInput = {
  reference: 'images.example.org/app',
  digest: DIGEST,
  source: 'staging.example.org/team/app',
  timestamp: new Date('2026-11-21T10:00:00.000Z'),
  builderId: 'https://promograph.example.org@v1.0.0',
  tags: ['v1.1', 'latest', 'v1.0', 'latest'],
  manifest: { path: 'images/app/images.yaml', gitCommit: 'c'.repeat(40), uri: 'git+https://github.com/example/tree' },
  promoter: { version: 'v1.0.0', gitCommit: 'd'.repeat(40) },
  job: { name: 'promote', type: 'postsubmit', buildId: '17', prowJobId: 'p-1' },
};

describe('a promotion record', () => {
  it('79. names the image by its reference and says from where, to where, by what and when', () => {
    expect(JSON.parse(printStatement(promotionRecord(FULL)).toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'images.example.org/app', digest: { sha256: HEX } }],
      predicateType: 'https://k8s.io/promo-tools/promotion/v1',
      predicate: {
        srcRef: `staging.example.org/team/app@${DIGEST}`,
        dstRef: 'images.example.org/app',
        digest: DIGEST,
        timestamp: '2026-11-21T10:00:00Z',
        builderId: 'https://promograph.example.org@v1.0.0',
        tags: ['latest', 'v1.0', 'v1.1'],
        source: { name: 'staging.example.org/team/app', digest: { sha256: HEX } },
        destination: { name: 'images.example.org/app', digest: { sha256: HEX } },
        manifest: {
          name: 'images/app/images.yaml',
          uri: 'git+https://github.com/example/tree',
          digest: { gitCommit: 'c'.repeat(40) },
        },
        promoter: { version: 'v1.0.0', gitCommit: 'd'.repeat(40) },
        job: { name: 'promote', type: 'postsubmit', buildId: '17', prowJobId: 'p-1' },
      },
    });
  });

  it('leaves out what is not known, as one that is written while healing does', () => {
    const healed = { ...FULL, source: null, tags: [], manifest: null, job: null, promoter: { version: 'v1.0.0' } };

    expect(Object.keys(promotionRecord(healed).predicate as object)).toEqual([
      'dstRef',
      'digest',
      'timestamp',
      'builderId',
      'destination',
      'promoter',
    ]);
    const local = { path: 'images/app/images.yaml', gitCommit: null, uri: null };
    expect(promotionRecord({ ...FULL, manifest: local }).predicate).toMatchObject({ manifest: { name: local.path } });
    expect(printStatement(promotionRecord({ ...FULL, manifest: local })).toString()).not.toContain('gitCommit":null');
  });

  it('has the same bytes for the same promotion, whatever the order of the tags', () => {
    const other = { ...FULL, tags: [...FULL.tags].reverse() };

    expect(printStatement(promotionRecord(other))).toEqual(printStatement(promotionRecord(FULL)));
  });

  it('80. is found again by what it says, not by an annotation', () => {
    const record = promotionRecord(FULL);
    const target = { reference: FULL.reference, digest: DIGEST };

    expect(isRecordFor(record, target)).toBe(true);
    expect(isRecordFor(record, { ...target, digest: CHILD_A })).toBe(false);
    expect(isRecordFor(record, { ...target, reference: 'images.example.org/other' })).toBe(false);
    expect(isRecordFor({ ...record, predicateType: 'https://example.org/x' }, target)).toBe(false);
    expect(isRecordFor({ ...record, _type: 'https://example.org/x' }, target)).toBe(false);
    expect(isRecordFor({ ...record, subject: [...record.subject, ...record.subject] }, target)).toBe(false);
  });

  it('has the configured predicate type, and is found by that only', () => {
    const record = promotionRecord({ ...FULL, predicateType: 'https://example.org/promotion/v1' });

    expect(isRecordFor(record, FULL, 'https://example.org/promotion/v1')).toBe(true);
    expect(isRecordFor(record, FULL)).toBe(false);
    expect(PROMOTION_PREDICATE_TYPE).toBe('https://k8s.io/promo-tools/promotion/v1');
  });
});

describe('the statement of an image signature', () => {
  it('names the reference, and sorts its annotations', () => {
    const statement = signStatement({
      reference: 'images.example.org/app',
      digest: DIGEST,
      annotations: { b: '2', a: '1' },
    });

    expect(printStatement(statement).toString()).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"images.example.org/app","digest":{"sha256":"${HEX}"},` +
        '"annotations":{"a":"1","b":"2"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}',
    );
    expect(signStatement({ reference: 'r.example.org/app', digest: DIGEST }).subject[0]).not.toHaveProperty(
      'annotations',
    );
  });
});

describe('the URI of a git remote', () => {
  it.each([
    ['https://github.com/example/tree', 'git+https://github.com/example/tree'],
    ['https://user:secret@github.com/example/tree.git', 'git+https://github.com/example/tree.git'],
    ['git@github.com:example/tree.git', null],
    ['ssh://git@github.com/example/tree', null],
    ['http://github.com/example/tree', null],
    ['/srv/tree', null],
    ['', null],
  ])('%s is %s', (remote, uri) => {
    expect(gitUri(remote)).toBe(uri);
  });
});
