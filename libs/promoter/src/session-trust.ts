// SPDX-License-Identifier: Apache-2.0
import type { Observations } from '@promograph/plan';
import type { Scanner } from '@promograph/provenance';
import type { SourceEvidence } from '@promograph/report';
import type { Examiner } from '@promograph/signing';
import { createScanner, recordedScanner } from './gate/create-scanner.ts';
import { gatedLevels } from './gate/gate-digest.ts';
import { gateDigests } from './gate/gate-digests.ts';
import type { DueDigest, EvidenceSource, GateSettings, GateVerdict } from './gate/gate-ports.ts';
import { liveEvidence } from './gate/live-evidence.ts';
import { recordedEvidence, recordEvidence } from './gate/recorded-evidence.ts';
import { hasPolicy } from './gate/has-gate.ts';
import { unreadPolicies } from './gate/unread-policies.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import type { Ports } from './open-ports.ts';
import type { SessionOptions } from './session.ts';
import { signingNotConfigured } from './signing-not-configured.ts';
import { Attester } from './trust/attester.ts';
import { canonicalOf } from './trust/canonical-of.ts';
import type { CanonicalRepositories } from './trust/canonical-repositories.ts';
import { runFacts, type TreeRevision, treeRevision } from './trust/run-facts.ts';
import { Preflight, signerAfter } from './trust/preflight.ts';
import { tagsByPlace } from './trust/tags-by-place.ts';
import { refuseAttestingWithoutBundles, signingFormats } from './trust/signing-formats.ts';
import type { OwnSignatures, TrustPorts } from './trust/trust-ports.ts';
import { TrustRun } from './trust/trust-run.ts';
import { TrustServices } from './trust/trust-services.ts';
import { type SourcesByPlaceOptions, SourcesByPlace } from './trust/sources-by-place.ts';
import { TrustStage } from './trust/trust-stage.ts';

/** What a session trusts and signs with. Nothing is read or asked for before the first stage that needs it. */
export class SessionTrust {
  readonly services: TrustServices;
  readonly #workspace: LoadedWorkspace;
  readonly #options: SessionOptions;
  readonly #ports: Ports;
  // A build graph opens a stage for each project of one session: what follows from the whole tree is found once.
  #tags: ReadonlyMap<string, readonly string[]> | null = null;
  #revision: Promise<TreeRevision | null> | null = null;

  constructor(workspace: LoadedWorkspace, options: SessionOptions, ports: Ports) {
    const { env, homeDir, onEvent = (): void => undefined } = options;
    this.#workspace = workspace;
    this.#options = options;
    this.#ports = ports;
    this.services = new TrustServices({
      config: workspace.config,
      configDir: workspace.configDir,
      env,
      homeDir,
      ports,
      onEvent,
    });
  }

  /** What the gate demands of this tree. */
  gateSettings(): GateSettings {
    const { config, tree } = this.#workspace;
    return {
      signatures: config.staging.signatures,
      signers: this.services.stagingSigners(),
      projects: tree.projects,
      unreadPolicies: unreadPolicies(tree),
      scan: config.scan,
      scanSigners: this.services.scanSigners(),
      recordType: config.attest.predicateType,
    };
  }

  /** Asks the gate about due digests, live. */
  judgeLive(due: readonly DueDigest[], seen: Observations): Promise<ReadonlyMap<string, GateVerdict>> {
    const { scan } = this.#workspace.config;
    return this.#judge(due, liveEvidence(this.#reading(seen)), createScanner(scan, this.#scanning()));
  }

  /** The gate over what a snapshot names, verified by digest. */
  judgeRecorded(
    due: readonly DueDigest[],
    records: readonly SourceEvidence[],
  ): Promise<ReadonlyMap<string, GateVerdict>> {
    const { store } = this.services;
    const evidence = recordedEvidence(records, { store, signal: this.#options.signal });
    const isRecorded = this.#workspace.config.scan?.adapter === 'containeranalysis';
    return this.#judge(due, evidence, isRecorded ? recordedScanner(records) : null);
  }

  /** Digests of the evidence on what is due, for a snapshot. */
  record(due: readonly DueDigest[], seen: Observations): Promise<readonly SourceEvidence[]> {
    const { signatures, projects, scan } = this.gateSettings();
    const wants = {
      signatures: signatures !== 'off',
      attestations: true,
      levels: gatedLevels(hasPolicy(projects), { scan }),
      scanner: createScanner(scan, this.#scanning()),
    };
    return recordEvidence(due, wants, this.#reading(seen));
  }

  /** Where digests are signed; null where the tree does not sign. */
  canonical(): CanonicalRepositories | null {
    return canonicalOf(this.#workspace);
  }

  /** What our own signatures are verified with. */
  async ownPorts(): Promise<Pick<TrustPorts, 'store' | 'examiner' | 'signal'>> {
    return { store: this.services.store, examiner: await this.services.examiner(), signal: this.#options.signal };
  }

  /** Opens signing of `due`: the trusted root is had now, key or token and certificate when the preflight is passed. */
  async openStage(
    through: 'sign' | 'attest',
    { verdicts, due }: Pick<SourcesByPlaceOptions, 'verdicts' | 'due'>,
  ): Promise<TrustStage> {
    const { config, root } = this.#workspace;
    const canonical = this.canonical();
    if (config.signing === null || canonical === null) throw signingNotConfigured();
    const tryCanonical = (): Promise<void> => stage.tryCanonical(due);
    const { preflight, ports } = await this.#signing(through, tryCanonical);
    const { formats, warning } = signingFormats(config.signing.formats, ports.signer.canSignPayloads);
    if (warning !== null) this.#notice(warning);
    if (through === 'attest') refuseAttestingWithoutBundles(formats);
    const own: OwnSignatures = {
      signers: await this.services.ownSigners(),
      summarySigners: await this.services.summarySigners(),
      formats,
    };
    const { env } = this.#options;
    this.#revision ??= treeRevision(root, env);
    this.#tags ??= tagsByPlace(this.#workspace.everyEdge);
    const run = runFacts({ revision: await this.#revision, env, now: new Date() });
    const onWarning = (message: string): void => this.#notice(message);
    const attester =
      through === 'attest' ? new Attester({ ports, own, settings: config.attest, run, onWarning }) : null;
    const sources = new SourcesByPlace({ due, verdicts, canonical });
    const stage: TrustStage = new TrustStage({
      run: new TrustRun({ ports, own, through, attester, sources }),
      preflight,
      canonical,
      client: this.#ports.client,
      engine: this.#ports.engine,
      tags: this.#tags,
      signsTagless: config.signing.tagless,
      sources,
      filesOf: (project) => this.#filesOf(project),
      signal: this.#options.signal,
    });
    return stage;
  }

  /** Signers that sign nothing before a preflight, which `tryCanonical` ends. */
  async #signing(
    through: 'sign' | 'attest',
    tryCanonical: () => Promise<void>,
  ): Promise<{ readonly preflight: Preflight; readonly ports: TrustPorts }> {
    const { signal } = this.#options;
    const { leases } = this.#ports;
    const signer = await this.services.signer();
    const summarySigner = through === 'attest' ? await this.services.summarySigner() : null;
    const preflight = new Preflight(async () => {
      await Promise.all([signer.prepare(signal), summarySigner?.prepare(signal)]);
      await tryCanonical();
    });
    const signers = {
      signer: signerAfter(preflight, signer),
      summarySigner: summarySigner && signerAfter(preflight, summarySigner),
    };
    return { preflight, ports: { ...(await this.ownPorts()), ...signers, leases } };
  }

  async close(): Promise<void> {
    await this.services.close();
  }

  async #judge(
    due: readonly DueDigest[],
    evidence: EvidenceSource,
    scanner: Scanner | null,
  ): Promise<ReadonlyMap<string, GateVerdict>> {
    if (due.length === 0) return new Map();
    const { signal, onEvent } = this.#options;
    let done = 0;
    const onDone = (): void => onEvent?.({ type: 'progress', stage: 'gate', done: ++done, total: due.length });
    // The trusted root is fetched only where there is something to examine.
    const examiner: Examiner = {
      examine: async (piece, repository) => (await this.services.examiner()).examine(piece, repository),
    };
    return gateDigests(due, { evidence, examiner, scanner, signal, onDone }, this.gateSettings());
  }

  #reading(seen: Observations): Parameters<typeof liveEvidence>[0] {
    return { store: this.services.store, client: this.#ports.client, seen, signal: this.#options.signal };
  }

  #scanning(): Parameters<typeof createScanner>[1] {
    return { client: this.services.client, accessToken: this.#ports.googleToken };
  }

  #filesOf(project: string): { readonly manifestFile: string; readonly imagesFile: string } {
    const found = this.#workspace.tree.projects.find(({ name }) => name === project);
    return { manifestFile: found?.manifestFile ?? '', imagesFile: found?.imagesFile ?? '' };
  }

  #notice(message: string): void {
    this.#options.onEvent?.({ type: 'notice', message });
  }
}
