// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeImage, judgeStatement, type SignatureExpectation } from '@promograph/signing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CosignRun } from './support/cosign.ts';
import { EvidenceLab, type LabImage, OWN_EMAIL } from './support/evidence-lab.ts';
import { openTrustingCosign, type TrustingCosign } from './support/trusting-cosign.ts';

const SLSA = 'https://slsa.dev/provenance/v1';
const LEGACY = ['--new-bundle-format=false', '--use-signing-config=false'];

let lab: EvidenceLab;
const cosigns = new Map<string, TrustingCosign>();
beforeAll(async () => {
  lab = await EvidenceLab.open();
  for (const program of ['cosign2', 'cosign3'] as const)
    cosigns.set(program, await openTrustingCosign(program, lab.sigstore));
});
afterAll(async () => {
  await Promise.all([lab, ...cosigns.values()].map((opened) => opened.close()));
});

const passes = (run: CosignRun): void => {
  expect(run.exitCode, run.stderr).toBe(0);
};
const open = (program: string): TrustingCosign => {
  const cosign = cosigns.get(program);
  if (cosign === undefined) throw new Error(`${program} is not open`);
  return cosign;
};

interface Way {
  readonly program: 'cosign2' | 'cosign3';
  readonly rekor?: 1 | 2;
  readonly more?: () => readonly string[];
}

/** Services by flags, for the old layout of cosign 3. */
const services = (): readonly string[] => [`--fulcio-url=${lab.sigstore.url}`, `--rekor-url=${lab.sigstore.url}`];
const WAYS: Readonly<Record<string, Way>> = {
  'cosign 2': { program: 'cosign2' },
  'cosign 2 with a timestamp': {
    program: 'cosign2',
    more: () => [`--timestamp-server-url=${lab.sigstore.tsaUrl}`],
  },
  'cosign 3 with Rekor v1': { program: 'cosign3' },
  'cosign 3 with Rekor v2': { program: 'cosign3', rekor: 2 },
};

async function run(
  command: 'sign' | 'attest',
  { program, rekor = 1, more }: Way,
  args: readonly string[],
): Promise<void> {
  passes(await open(program).signing(command, { email: OWN_EMAIL, rekor }, ...(more?.() ?? []), ...args));
}

async function runLegacy(command: 'sign' | 'attest', args: readonly string[]): Promise<void> {
  const token = `--identity-token=${lab.sigstore.token({ email: OWN_EMAIL })}`;
  const trust = `--trusted-root=${lab.sigstore.files.trustedRoot}`;
  passes(await open('cosign3').run(command, '--yes', ...LEGACY, ...services(), trust, token, ...args));
}

describe.each(Object.entries(WAYS))('our verifier accepts what %s wrote', (_name, way) => {
  // cosign names the repository in a `.sig` and nothing in a bundle, where ours do.
  const expected = (image: LabImage): Partial<SignatureExpectation> =>
    way.program === 'cosign2' ? { reference: image.name } : { reference: null };

  it('as signature of an image, with its annotations', async () => {
    const image = await lab.image();
    await run('sign', way, ['-a', 'release=v1', image.reference]);
    const verdict = await lab.judge(image, { ...expected(image), annotations: { release: 'v1' } });

    expect(verdict).toMatchObject({ kind: 'verified', signer: { subject: OWN_EMAIL, issuer: lab.sigstore.url } });
    expect(await lab.judge(image, { ...expected(image), annotations: { release: 'v2' } })).toMatchObject({
      kind: 'failed',
      code: 'SIG_ANNOTATION',
    });
  });

  it('as signatures of an index and all that is below it (sign -r)', async () => {
    const index = await lab.image('index');
    await run('sign', way, ['-r', index.reference]);
    const verdicts = [index.digest, ...index.children].map((digest) =>
      lab.judge({ ...index, digest }, { ...expected(index), subject: digest }),
    );

    expect((await Promise.all(verdicts)).map(({ kind }) => kind)).toEqual(['verified', 'verified', 'verified']);
  });

  it('as attestation, which is no signature', async () => {
    const image = await lab.image();
    const predicate = join(open(way.program).home, 'predicate.json');
    writeFileSync(predicate, '{"buildDefinition":{},"runDetails":{}}');
    await run('attest', way, [`--type=${SLSA}`, `--predicate=${predicate}`, image.reference]);
    const [found, ...others] = await lab.examine(image);
    if (found === undefined) throw new Error('the attestation is not there');
    const expectation = { ...lab.expectation(image), reference: null, predicateTypes: [SLSA] };

    expect(others).toEqual([]);
    expect(judgeStatement(found, expectation)).toMatchObject({ kind: 'verified', signer: { subject: OWN_EMAIL } });
    expect(judgeStatement(found, { ...expectation, predicateTypes: ['other'] }).kind).toBe('absent');
    expect((await lab.judge(image)).kind).toBe('absent');
  });
});

describe('our verifier accepts what cosign 3 wrote in the old layout', () => {
  it('as signature', async () => {
    const image = await lab.image();
    await runLegacy('sign', [image.reference]);

    expect((await lab.judge(image)).kind).toBe('verified');
  });

  it('as attestation, whose timestamp it lays over the wrong bytes', async () => {
    const image = await lab.image();
    const predicate = join(open('cosign3').home, 'predicate.json');
    writeFileSync(predicate, '{"buildDefinition":{},"runDetails":{}}');
    const stamp = `--timestamp-server-url=${lab.sigstore.tsaUrl}`;
    await runLegacy('attest', [stamp, `--type=${SLSA}`, `--predicate=${predicate}`, image.reference]);
    const [found] = await lab.examine(image);
    if (found === undefined) throw new Error('the attestation is not there');

    expect(found.piece.layout).toBe('att');
    expect(found).toMatchObject({ status: 'verified', predicateType: SLSA });
  });
});

describe.each(['cosign2', 'cosign3'] as const)('our verifier accepts what %s signed with a key', (program) => {
  it('and only with that key', async () => {
    const cosign = open(program);
    const image = await lab.image();
    const prefix = join(cosign.home, 'key');
    passes(await cosign.run('generate-key-pair', `--output-key-prefix=${prefix}`));
    passes(await cosign.run('generate-key-pair', `--output-key-prefix=${prefix}-other`));
    const trust = `--trusted-root=${lab.sigstore.files.trustedRoot}`;
    const signing =
      program === 'cosign2'
        ? [`--rekor-url=${lab.sigstore.url}`]
        : [`--signing-config=${lab.sigstore.files.signingConfig}`, trust];
    passes(await cosign.run('sign', '--yes', ...signing, `--key=${prefix}.key`, image.reference));
    const judge = async (name: string): Promise<string> => {
      const publicKeyPem = readFileSync(`${name}.pub`, 'utf8');
      const examinations = await lab.examine(image, lab.store, [publicKeyPem]);
      const pieces = examinations.map(({ piece }) => piece);
      const evidence = { repository: image.repository, subject: image.digest, pieces, excess: null, unreadable: [] };
      const signers = [{ kind: 'key', publicKeyPem } as const];
      return judgeImage(examinations, evidence, { subject: image.digest, signers, reference: null }).kind;
    };

    expect(await judge(prefix)).toBe('verified');
    expect(await judge(`${prefix}-other`)).toBe('unverifiable');
  });
});
