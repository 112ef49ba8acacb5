// SPDX-License-Identifier: Apache-2.0
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { observe } from '@promograph/plan/testing';
import { findings, hostilePlans, mixedPlans, mixedReceipt } from '../test/fixtures.ts';
import { encodeSnapshot, printSnapshotArtifact } from './encode-snapshot.ts';
import { planReport } from './plan-report.ts';
import { printJson, printPlanJson } from './print-json.ts';
import { readPlanReport, readPromoteReceipt, readSnapshotArtifact } from './read-artifact.ts';
import { type ArtifactName, reportSchemas } from './report-schemas.ts';
import { validateReport } from './validate-report.ts';

const hash = '0a'.repeat(32);
const inputs = { manifest: hash, images: hash, config: null, baseline: null, snapshot: hash };
const observations = observe({ 'h/a': { aa: ['v1'] }, 'h/b': 'absent', 'h/c': { failure: 'down' } });
const plan = planReport(mixedPlans(), { all: true, inputs });
const content = { project: 'p', inputs, claims: [], observations };
const snapshot = encodeSnapshot(content);
const validation = validateReport(findings(), { projects: ['alpha'], inputs });

const artifacts: readonly { name: ArtifactName; value: unknown }[] = [
  { name: 'plan', value: plan },
  { name: 'plan', value: planReport(hostilePlans()) },
  { name: 'snapshot', value: snapshot },
  { name: 'validate', value: validation },
  { name: 'promote', value: mixedReceipt() },
];

describe('reportSchemas', () => {
  const ajv = new Ajv({ strict: true, allErrors: true });
  const schemas = reportSchemas();

  it('are draft-07, which editors understand', () => {
    for (const schema of Object.values(schemas))
      expect(schema['$schema']).toBe('http://json-schema.org/draft-07/schema#');
  });

  it.each(artifacts)('accept a real $name artifact', ({ name, value }) => {
    const validate = ajv.compile(schemas[name]);

    validate(JSON.parse(printJson(value)));

    expect(validate.errors).toBeNull();
  });

  it.each(artifacts)('accept a $name artifact of a newer minor version', ({ name, value }) => {
    expect(ajv.validate(schemas[name], { ...(value as object), formatVersion: '1.7', novelty: [1] })).toBe(true);
  });

  it.each(artifacts)('refuse a $name artifact of another major version', ({ name, value }) => {
    expect(ajv.validate(schemas[name], { ...(value as object), formatVersion: '2.0' })).toBe(false);
  });

  it.each<[ArtifactName, string, unknown]>([
    ['plan', 'an unknown action', { ...plan, projects: [{ ...plan.projects[0], actions: [{ action: 'move' }] }] }],
    ['plan', 'a summary without a count', { ...plan, summary: { edges: 1 } }],
    ['snapshot', 'a short hash', { ...snapshot, inputs: { ...inputs, images: 'abc' } }],
    ['snapshot', 'an unknown state', { ...snapshot, repositories: { a: { state: 'maybe', tags: {}, digests: {} } } }],
    ['promote', 'a negative count', { ...mixedReceipt(), summary: { ...mixedReceipt().summary, copied: -1 } }],
    ['validate', 'a finding without a place', { ...validation, findings: [{ code: 'x' }] }],
  ])('refuse a %s artifact with %s', (name, _what, value) => {
    expect(ajv.validate(schemas[name], value)).toBe(false);
  });
});

describe('reading an artifact', () => {
  it('gives back what was printed', () => {
    expect(readPlanReport(printPlanJson(plan))).toEqual(plan);
    expect(readSnapshotArtifact(printSnapshotArtifact(content))).toEqual(snapshot);
    expect(readPromoteReceipt(printJson(mixedReceipt()))).toEqual(mixedReceipt());
  });

  it.each([
    ['a truncated file', '{"formatVersion": "1.0"', 'REPORT_INVALID_ARTIFACT'],
    ['another JSON document', '[]', 'REPORT_INVALID_ARTIFACT'],
    ['an artifact of another kind', printJson(mixedReceipt()), 'REPORT_INVALID_ARTIFACT'],
    ['a plan of the next major version', printJson({ ...plan, formatVersion: '2.0' }), 'REPORT_FORMAT_VERSION'],
    ['a plan without a version', printJson({ ...plan, formatVersion: undefined }), 'REPORT_INVALID_ARTIFACT'],
  ])('refuses %s', (_name, text, code) => {
    expect(() => readPlanReport(text)).toThrow(expect.objectContaining({ code }));
  });

  it('says which field is wrong', () => {
    const broken = { ...plan, summary: { ...plan.summary, add: 'many' } };

    expect(() => readPlanReport(printJson(broken))).toThrow(/^not a plan: summary\.add: /);
  });

  it('takes a plan of a newer minor version with fields that it does not know', () => {
    expect(readPlanReport(printJson({ ...plan, formatVersion: '1.9', novelty: 1 }))).toMatchObject({
      summary: plan.summary,
    });
  });
});
