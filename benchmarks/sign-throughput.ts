// SPDX-License-Identifier: Apache-2.0
// Signatures with log entry, time stamp, own verification and push, 50 in flight, against a sigstore in another process
// whose services take as long as public ones do. Usage: node benchmarks/sign-throughput.ts
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SIGNER_EMAIL, type TrustFiles } from '@promograph/devstack';
import { createMemoryLeaseStore, createMemoryLimiter } from '@promograph/limiter';
import { type Descriptor, digestOf, MEDIA_TYPES, parseRepository } from '@promograph/oci';
import { printStatement, signStatement } from '@promograph/provenance';
import { ANONYMOUS, createRegistryClient, profileOf } from '@promograph/registry';
import {
  createExaminer,
  createImageSigner,
  createServiceClient,
  createSignatureStore,
  createTokenSource,
  type ImageSigner,
  parseSigningConfig,
  parseTrustedRoot,
  selectServices,
  SIGN_PREDICATE_TYPE,
  type SignatureStore,
  simpleSigningPayload,
} from '@promograph/signing';
import { median, printLine } from './support/benchmark-line.ts';
import { roundsOr } from './support/rounds.ts';

const LATENCY = { fulcioMs: 400, rekorV1Ms: 300, rekorV2Ms: 1000, tsaMs: 80 };
const SIGNATURES = 600;
const IN_FLIGHT = 50;
/** Digests at once, as a run has them: those that wait to be written leave their place to others. */
const DIGESTS_AT_ONCE = 64;
const AIM_PER_SECOND = 40;
const REPOSITORIES = 20;

interface Variant {
  readonly name: string;
  readonly layout: 'bundle' | 'legacy';
  readonly rekor: 1 | 2;
  readonly latencyMs: number;
}

const VARIANTS: readonly Variant[] = [
  { name: 'bundle, Rekor v2', layout: 'bundle', rekor: 2, latencyMs: LATENCY.rekorV2Ms },
  { name: 'bundle, Rekor v1', layout: 'bundle', rekor: 1, latencyMs: LATENCY.rekorV1Ms },
  { name: '.sig, Rekor v1', layout: 'legacy', rekor: 1, latencyMs: LATENCY.rekorV1Ms },
];

interface Services {
  readonly url: string;
  readonly files: TrustFiles;
  readonly token: string;
  readonly registry: string;
}

interface Sample {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly certificates: number;
  readonly logEntries: number;
  readonly timestamps: number;
}

const rounds = roundsOr(3);
const work = mkdtempSync(join(tmpdir(), 'promograph-sign-throughput-'));
const program = fileURLToPath(new URL('support/sigstore-server.ts', import.meta.url));
const server = spawn(process.execPath, [program, work, JSON.stringify(LATENCY)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
try {
  const services = await servicesOf(server);
  for (const variant of VARIANTS) {
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round += 1) samples.push(await measure(services, variant, round));
    report(variant, samples);
  }
} finally {
  server.stdin.end();
  rmSync(work, { recursive: true, force: true });
}

async function measure(services: Services, variant: Variant, round: number): Promise<Sample> {
  const limiter = createMemoryLimiter({ capFor: () => null });
  const client = createRegistryClient({ limiter, profileFor: (host) => profileOf(host), credentials: ANONYMOUS });
  const serviceClient = createServiceClient({ limiter });
  const store = createSignatureStore({ client, leases: createMemoryLeaseStore() });
  const signer = openSigner(services, variant, serviceClient);
  try {
    await signer.prepare();
    const cpu = process.cpuUsage();
    const start = performance.now();
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < SIGNATURES) {
        const number = (next += 1);
        await signOne({ signer, store, layout: variant.layout }, `${services.registry}/prod/${number % REPOSITORIES}`, {
          seed: `${variant.name} ${round} ${number}`,
        });
      }
    };
    await Promise.all(Array.from({ length: DIGESTS_AT_ONCE }, worker));
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: SIGNATURES / seconds, cpuMs: (user + system) / 1000 / SIGNATURES, ...signer.counts() };
  } finally {
    await signer.close();
    await Promise.all([client.close(), serviceClient.close()]);
  }
}

interface Writing {
  readonly signer: ImageSigner;
  readonly store: SignatureStore;
  readonly layout: Variant['layout'];
}

/** The signer verifies what it made before it hands it out. */
async function signOne({ signer, store, layout }: Writing, name: string, { seed }: { seed: string }): Promise<void> {
  const repository = parseRepository(name);
  const subject = subjectOf(seed);
  const { digest } = subject;
  if (layout === 'legacy') {
    const { bytes, annotations } = await signer.signPayload(simpleSigningPayload(name, digest));
    await store.addSignatures(repository, digest, [{ bytes, annotations }]);
    return;
  }
  const { bundle } = await signer.signStatement(printStatement(signStatement({ reference: name, digest })));
  await store.attachBundle(repository, subject, { bytes: bundle, predicateType: SIGN_PREDICATE_TYPE });
}

/** Signatures may lie beside a digest before it is there. */
function subjectOf(seed: string): Descriptor {
  const described = { artifactType: null, platform: null, annotations: {}, isForeign: false };
  return { digest: digestOf(seed), mediaType: MEDIA_TYPES.ociManifest, sizeBytes: 1000, ...described };
}

function openSigner(
  { url, files, token }: Services,
  { rekor }: Variant,
  client: ReturnType<typeof createServiceClient>,
): ImageSigner {
  const config = readFileSync(rekor === 1 ? files.signingConfig : files.signingConfigRekorV2);
  const identity = { subject: DEFAULT_SIGNER_EMAIL, issuer: url };
  const env = { SIGSTORE_ID_TOKEN: token };
  const tokens = createTokenSource({ kind: 'env' }, { client, subject: identity.subject, env });
  const trustedRoot = parseTrustedRoot(readFileSync(files.trustedRoot), files.trustedRoot);
  return createImageSigner({
    signatory: { kind: 'keyless', identity, tokens },
    services: selectServices(parseSigningConfig(config), Date.now()),
    client,
    examiner: createExaminer({ trustedRoots: [trustedRoot] }),
    maxInFlight: IN_FLIGHT,
  });
}

async function servicesOf({ stdout }: ChildProcess): Promise<Services> {
  if (stdout === null) throw new Error('the server has no output');
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  return JSON.parse(line) as Services;
}

function report({ name, latencyMs }: Variant, samples: readonly Sample[]): void {
  const perSecond = median(samples.map((sample) => sample.perSecond));
  const cpuMs = median(samples.map((sample) => sample.cpuMs));
  // What never waits for anything but its slowest witness.
  const optimum = (IN_FLIGHT * 1000) / latencyMs;
  const broken = samples.flatMap(({ certificates, logEntries, timestamps }) =>
    certificates === 1 && logEntries === SIGNATURES && timestamps === SIGNATURES
      ? []
      : [`${certificates} certificates, ${logEntries} log entries, ${timestamps} time stamps`],
  );
  printLine({
    benchmark: 'sign-throughput',
    case: name,
    ratios: { optimumToOurs: optimum / perSecond, aimToOurs: AIM_PER_SECOND / perSecond },
    counts: { signatures: SIGNATURES, inFlight: IN_FLIGHT },
    measured: { perSecond, cpuMsPerSignature: cpuMs },
    broken,
    notes: [],
  });
}
