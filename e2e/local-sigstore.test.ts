// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildImage,
  DEFAULT_SIGNER_EMAIL,
  pushImage,
  REQUEST_TOKEN,
  type RunningRegistry,
  type RunningSigstore,
  startRegistry,
  startSigstore,
} from '@promograph/devstack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Cosign, type CosignProgram, type CosignRun, openCosign } from './support/cosign.ts';

let sigstore: RunningSigstore;
let registry: RunningRegistry;
let image: string;
let images = 0;
const cosigns: Cosign[] = [];

beforeAll(async () => {
  [sigstore, registry] = await Promise.all([startSigstore(), startRegistry()]);
});
afterAll(async () => {
  await Promise.all([sigstore.close(), registry.close()]);
});
beforeEach(async () => {
  images += 1;
  const built = buildImage({ layers: [{ seed: `local-sigstore-${images}`, sizeBytes: 100 }] });
  await pushImage({ url: registry.url, repository: `app-${images}`, image: built, tags: ['v1'] });
  image = `${registry.host}/app-${images}@${built.manifest.digest}`;
});
afterEach(async () => {
  await Promise.all(cosigns.splice(0).map((cosign) => cosign.close()));
});

const open = async (program: CosignProgram, environment?: Readonly<Record<string, string>>): Promise<Cosign> => {
  const cosign = await openCosign(program, environment);
  cosigns.push(cosign);
  return cosign;
};
const identity = (email = DEFAULT_SIGNER_EMAIL): readonly string[] => [
  `--certificate-identity=${email}`,
  `--certificate-oidc-issuer=${sigstore.url}`,
];
/** cosign 2 knows no trusted root for its own layout. */
const pemTrust = (): Record<string, string> => ({
  SIGSTORE_ROOT_FILE: sigstore.files.fulcioChain,
  SIGSTORE_REKOR_PUBLIC_KEY: sigstore.files.rekorPublicKey,
  SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: sigstore.files.ctLogPublicKey,
  SIGSTORE_TSA_CERTIFICATE_FILE: sigstore.files.tsaChain,
});
const services = (): readonly string[] => [
  `--fulcio-url=${sigstore.url}`,
  `--rekor-url=${sigstore.url}`,
  `--identity-token=${sigstore.token()}`,
  '--yes',
];
const passes = (run: CosignRun): void => {
  expect(run.exitCode, run.stderr).toBe(0);
};

describe('cosign 3', () => {
  const logs = [
    ['Rekor v1', 'signingConfig', 'rekorV1Entries'],
    ['Rekor v2', 'signingConfigRekorV2', 'rekorV2Entries'],
  ] as const;

  it.each(logs)('signs and verifies with %s and time stamps', async (_name, config, entries) => {
    const cosign = await open('cosign3');
    const before = sigstore.counts();
    const trust = `--trusted-root=${sigstore.files.trustedRoot}`;
    const signing = [`--signing-config=${sigstore.files[config]}`, trust, `--identity-token=${sigstore.token()}`];

    passes(await cosign.run('sign', '--yes', ...signing, image));
    passes(await cosign.run('verify', trust, ...identity(), image));
    const stranger = await cosign.run('verify', trust, ...identity('stranger@devstack.example'), image);

    expect(stranger.stderr).toContain('expected SAN value "stranger@devstack.example"');
    expect(stranger.exitCode).not.toBe(0);
    const after = sigstore.counts();
    expect([after.certificates, after.timestamps, after[entries]]).toEqual([
      before.certificates + 1,
      before.timestamps + 1,
      before[entries] + 1,
    ]);
  });

  it('does not trust another local sigstore', async () => {
    const other = await startSigstore();
    const cosign = await open('cosign3');
    const trust = (of: RunningSigstore): string => `--trusted-root=${of.files.trustedRoot}`;
    const token = `--identity-token=${other.token({ issuer: other.url })}`;
    const signing = [`--signing-config=${other.files.signingConfig}`, trust(other), token];

    passes(await cosign.run('sign', '--yes', ...signing, image));
    const issuer = `--certificate-oidc-issuer=${other.url}`;
    const verify = await cosign.run('verify', trust(sigstore), `--certificate-identity-regexp=.*`, issuer, image);

    await other.close();
    expect(verify.stderr).toContain('not enough verified log entries');
    expect(verify.exitCode).not.toBe(0);
  });
});

describe('cosign 2', () => {
  it('signs and verifies a .sig', async () => {
    const cosign = await open('cosign2', pemTrust());

    passes(await cosign.run('sign', ...services(), image));
    passes(await cosign.run('verify', `--rekor-url=${sigstore.url}`, ...identity(), image));
    const stranger = await cosign.run('verify', ...identity('stranger@devstack.example'), image);

    expect(stranger.exitCode).not.toBe(0);
  });

  it('signs with a time stamp and verifies it', async () => {
    const cosign = await open('cosign2', pemTrust());

    passes(await cosign.run('sign', ...services(), `--timestamp-server-url=${sigstore.tsaUrl}`, image));
    passes(await cosign.run('verify', '--use-signed-timestamps', ...identity(), image));
  });

  it('attests and verifies the attestation', async () => {
    const cosign = await open('cosign2', pemTrust());
    const predicate = join(cosign.home, 'predicate.json');
    writeFileSync(predicate, '{"Data":"built","Timestamp":"2026-01-01T00:00:00Z"}');

    passes(await cosign.run('attest', ...services(), '--type=custom', `--predicate=${predicate}`, image));
    passes(await cosign.run('verify-attestation', '--type=custom', ...identity(), image));
    const otherType = await cosign.run('verify-attestation', '--type=vuln', ...identity(), image);

    expect(otherType.exitCode).not.toBe(0);
  });
});

describe('the token of a CI job', () => {
  const workflow = 'https://github.com/devstack/images/.github/workflows/promote.yaml@refs/heads/main';
  const signer = (): readonly string[] => [
    `--certificate-identity=${workflow}`,
    `--certificate-oidc-issuer=${sigstore.url}`,
  ];

  it('is fetched by cosign from the endpoint of the job, and its claims are in the certificate', async () => {
    const cosign = await open('cosign3', {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${sigstore.url}/ci/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
    });
    const trust = `--trusted-root=${sigstore.files.trustedRoot}`;

    passes(await cosign.run('sign', '--yes', `--signing-config=${sigstore.files.signingConfig}`, trust, image));
    const claims = [
      '--certificate-github-workflow-repository=devstack/images',
      '--certificate-github-workflow-ref=refs/heads/main',
      '--certificate-github-workflow-trigger=push',
    ];
    passes(await cosign.run('verify', trust, ...signer(), ...claims, image));
    const other = '--certificate-github-workflow-repository=devstack/others';
    const refused = await cosign.run('verify', trust, ...signer(), other, image);

    expect(refused.exitCode).not.toBe(0);
  });
});

describe('a key instead of an identity', () => {
  it.each(['signingConfig', 'signingConfigRekorV2'] as const)('is logged and verified (%s)', async (config) => {
    const cosign = await open('cosign3');
    const keys = join(cosign.home, 'key');
    const trust = `--trusted-root=${sigstore.files.trustedRoot}`;

    passes(await cosign.run('generate-key-pair', `--output-key-prefix=${keys}`));
    const signing = [`--signing-config=${sigstore.files[config]}`, trust, `--key=${keys}.key`];
    passes(await cosign.run('sign', '--yes', ...signing, image));
    passes(await cosign.run('verify', trust, `--key=${keys}.pub`, image));
  });

  it('makes a .sig with cosign 2', async () => {
    const cosign = await open('cosign2', pemTrust());
    const keys = join(cosign.home, 'key');
    const rekor = `--rekor-url=${sigstore.url}`;

    passes(await cosign.run('generate-key-pair', `--output-key-prefix=${keys}`));
    passes(await cosign.run('sign', '--yes', rekor, `--key=${keys}.key`, image));
    passes(await cosign.run('verify', rekor, `--key=${keys}.pub`, image));
  });
});

describe('cosign 3 initialised from the TUF mirror', () => {
  it('finds the services in its signing configuration', async () => {
    const cosign = await open('cosign3');
    const before = sigstore.counts();

    passes(await cosign.run('initialize', `--mirror=${sigstore.tufUrl}`, `--root=${sigstore.files.tufRoot}`));
    passes(await cosign.run('sign', '--yes', `--identity-token=${sigstore.token()}`, image));
    passes(await cosign.run('verify', ...identity(), image));

    expect(sigstore.counts().rekorV1Entries).toBe(before.rekorV1Entries + 1);
  });
});

describe.each(['cosign2', 'cosign3'] as const)('%s initialised from the TUF mirror', (program) => {
  it('verifies without any flag that names trust', async () => {
    const signer = await open('cosign2', pemTrust());
    const cosign = await open(program);
    passes(await signer.run('sign', ...services(), image));

    passes(await cosign.run('initialize', `--mirror=${sigstore.tufUrl}`, `--root=${sigstore.files.tufRoot}`));
    passes(await cosign.run('verify', ...identity(), image));
    const stranger = await cosign.run('verify', ...identity('stranger@devstack.example'), image);

    expect(stranger.exitCode).not.toBe(0);
  });
});
