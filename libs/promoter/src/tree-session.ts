// SPDX-License-Identifier: Apache-2.0
import type { Observations, ProjectPlan } from '@promograph/plan';
import {
  encodeSnapshot,
  planGateOf,
  planReport,
  printJson,
  printPlanJson,
  printSnapshotArtifact,
  stripUnnamed,
  validateReport,
  type SnapshotArtifact,
  type GateReport,
  type PlanGate,
  type SnapshotContent,
  type SourceEvidence,
  type ValidateReport,
} from '@promograph/report';
import { dueDigests, dueKey } from './due-digests.ts';
import { Handover } from './handover.ts';
import { hasGate } from './gate/has-gate.ts';
import { hostFailuresOf } from './host-failures.ts';
import { livePlan, plansOf } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { observeEdges, type ObservePorts } from './observe-edges.ts';
import type { Ports } from './open-ports.ts';
import { promoteProjects } from './promote-stage.ts';
import { PromoterError } from './promoter-error.ts';
import { rehearseProjects } from './rehearse-projects.ts';
import type {
  PlanRun,
  PromoteOptions,
  PromoteRun,
  ReplicateOptions,
  ReplicateRun,
  Session,
  SessionOptions,
  VerifyOptions,
  VerifyRun,
} from './session.ts';
import type { SessionTrust } from './session-trust.ts';
import { sha256Of } from './sha256-of.ts';
import { signingNotConfigured } from './signing-not-configured.ts';
import { inputsOf } from './snapshot-inputs.ts';
import { knownPlan, readSnapshotPlan } from './snapshot-plan.ts';
import { projectsOfPlan } from './stale-plan.ts';
import { artifactPath, readArtifact, writeArtifact, type ArtifactName } from './state-dir.ts';
import { canonicalOf } from './trust/canonical-of.ts';
import { createWireMeter } from './wire-totals.ts';
import { validateProject } from './validate-project.ts';

/** The stages over one loaded tree; adapters are opened when the first stage needs a registry. */
export class TreeSession implements Session {
  readonly workspace: LoadedWorkspace;
  readonly #options: SessionOptions;
  readonly #wire = createWireMeter();
  readonly #handover = new Handover();
  #ports: Ports | null = null;
  #hasToldLeases = false;
  /** A build graph asks for each project: what the whole tree says is read once. */
  #hasGate: boolean | null = null;
  #trust: SessionTrust | null = null;

  constructor(workspace: LoadedWorkspace, options: SessionOptions) {
    this.workspace = workspace;
    this.#options = options;
  }

  async snapshot(projects: readonly string[] = this.workspace.projects): Promise<readonly SnapshotArtifact[]> {
    const claims = this.workspace.claimsOn(projects);
    const observations = await observeEdges(this.workspace.edgesOf(projects), claims, await this.#observePorts());
    const evidence = await this.#evidence(projects, observations);
    return projects.map((project) =>
      encodeSnapshot(this.#writeSnapshot(project, observations, evidence?.get(project)).content),
    );
  }

  async plan(projects: readonly string[] = this.workspace.projects): Promise<PlanRun> {
    const { plans, observations } = await livePlan(this.workspace, projects, await this.#observePorts());
    this.#tryToKeep(() => {
      for (const plan of plans) {
        const { sha256 } = this.#writeSnapshot(plan.project, observations);
        this.#writePlan(plan, sha256, this.#gateField(plan.project));
      }
    });
    return this.#planRun(plans, observations);
  }

  async planFromSnapshot(project: string): Promise<PlanRun> {
    const found = readSnapshotPlan(this.workspace, project);
    if (found === null) {
      throw new PromoterError('PROMOTER_NO_SNAPSHOT', `${project} has no snapshot to plan from`, {
        hint: `Run the snapshot stage first, or \`promograph plan --project ${project}\`, which reads the registries.`,
      });
    }
    const { plans, observations, artifact, sha256 } = found;
    for (const plan of plans) this.#writePlan(plan, sha256, artifact);
    return this.#planRun(plans, observations);
  }

  async validate(
    projects?: readonly string[],
    { live = false }: { readonly live?: boolean } = {},
  ): Promise<readonly ValidateReport[]> {
    const names = projects ?? [...this.workspace.projects, ...this.workspace.brokenProjects].sort();
    const gates = await this.#gates(names, live);
    return names.map((project) => {
      const inputs = inputsOf(this.workspace, project);
      const gate = gates.get(project);
      const report = validateReport(validateProject(this.workspace, project), {
        projects: [project],
        inputs,
        ...(gate !== undefined && { gate }),
      });
      this.#tryToKeep(() => this.#write(project, 'validate.json', printJson(report)));
      return report;
    });
  }

  async promote(projects: readonly string[] | undefined, options: PromoteOptions): Promise<PromoteRun> {
    const names = projects ?? this.#projectsFor(options);
    const { through = 'promote', confirm, handsOver = false } = options;
    // Whoever hands over has a stage behind it that signs: what that stage will refuse is refused before anything is copied.
    if ((through !== 'promote' || handsOver) && this.workspace.config.signing === null)
      throw signingNotConfigured(this.workspace);
    const canonical = canonicalOf(this.workspace);
    const known = this.#isKnown(options) ? knownPlan(this.workspace, names) : null;
    if (known !== null) return rehearseProjects(this.workspace, { known, through, canonical, wire: this.#wire });
    const ports = await this.#openPorts();
    if (confirm) this.#tellLeaseScope(ports);
    return promoteProjects(this.workspace, names, {
      ...(await this.#observePorts()),
      engine: ports.engine,
      wire: this.#wire,
      now: () => new Date(),
      options,
      handover: this.#handover,
      canonical,
      gate: this.#isGated ? async (due, seen) => (await this.#openTrust()).judgeLive(due, seen) : null,
      openTrust: async (stage, about) => (await this.#openTrust()).openStage(stage, about),
    });
  }

  async verify(options: VerifyOptions): Promise<VerifyRun> {
    if (this.workspace.config.signing === null) throw signingNotConfigured(this.workspace);
    const { verifySession } = await import('./verify/verify-session.ts');
    return verifySession(this.workspace, options, {
      observe: await this.#observePorts(),
      trust: await this.#openTrust(),
      promote: (promoteOptions) => this.promote(undefined, promoteOptions),
    });
  }

  async replicate(projects: readonly string[] | undefined, options: ReplicateOptions): Promise<ReplicateRun> {
    const canonicals = canonicalOf(this.workspace);
    if (canonicals === null) throw signingNotConfigured(this.workspace);
    const { replicateSession } = await import('./replicate/replicate-session.ts');
    const { engine, leases } = await this.#openPorts();
    const run = await replicateSession(this.workspace, projects ?? this.workspace.projects, {
      ...(await this.#observePorts()),
      engine,
      leases,
      store: (await this.#openTrust()).services.store,
      options,
      canonicals,
      settings: this.workspace.config.replicate,
    });
    for (const project of projects ?? []) {
      this.#tryToKeep(() => this.#write(project, 'replicate.json', printJson(run.report)));
    }
    return run;
  }

  async close(): Promise<void> {
    await this.#trust?.close();
    this.#trust = null;
    await this.#ports?.close();
    this.#ports = null;
  }

  /** Whether what the snapshots of this run say is all that a promotion would look at. */
  #isKnown({ knowsRegistries = false, confirm, plan, scope = 'run' }: PromoteOptions): boolean {
    return knowsRegistries && !confirm && plan === undefined && scope === 'run' && !this.#isGated;
  }

  get #isGated(): boolean {
    this.#hasGate ??= hasGate(this.workspace.config, this.workspace.tree);
    return this.#hasGate;
  }

  /** Evidence on what each project has due; null without a gate. */
  async #evidence(
    projects: readonly string[],
    seen: Observations,
  ): Promise<ReadonlyMap<string, readonly SourceEvidence[]> | null> {
    if (!this.#isGated) return null;
    const plans = plansOf(this.workspace, projects, seen);
    const records = await (await this.#openTrust()).record(dueDigests(plans), seen);
    const byKey = new Map(records.map((record) => [`${record.source}@${record.digest}`, record]));
    return new Map(
      plans.map((plan) => [plan.project, dueDigests([plan]).flatMap((due) => byKey.get(dueKey(due)) ?? [])]),
    );
  }

  /** What the gate says of each usable project: live, or of exactly what its snapshot names; none without a gate. */
  async #gates(names: readonly string[], live: boolean): Promise<ReadonlyMap<string, GateReport>> {
    if (!this.#isGated) return new Map();
    const usable = names.filter((name) => this.workspace.projects.includes(name));
    const { gateFromSnapshot, gatesLive } = await import('./validate-gate.ts');
    if (live) {
      const ports = { ...(await this.#observePorts()), trust: await this.#openTrust() };
      return gatesLive(this.workspace, usable, ports);
    }
    const gates = new Map<string, GateReport>();
    for (const project of usable) {
      const snapshot = readArtifact(artifactPath(this.workspace.stateDir, project, 'snapshot.json'));
      if (snapshot === null) continue;
      const gate = await gateFromSnapshot(this.workspace, { project, snapshot }, await this.#openTrust());
      if (gate !== null) gates.set(project, gate);
    }
    return gates;
  }

  /** Where runs of several machines are likely, a lease that ends at this one is said to. */
  #tellLeaseScope({ leases }: Ports): void {
    const { env, onEvent } = this.#options;
    const isEnough = leases.scope === 'shared' || (leases.scope === 'machine' && !env['CI']);
    if (isEnough || this.#hasToldLeases) return;
    this.#hasToldLeases = true;
    const reach = leases.scope === 'machine' ? 'this machine' : 'this process';
    const message = `tag leases and the request budget cover ${reach} only: let no second runner promote the same tags`;
    onEvent?.({ type: 'notice', message });
  }

  /** A plan that speaks of some projects only is never a reason to look at others. */
  #projectsFor(options: PromoteOptions): readonly string[] {
    if (options.plan === undefined) return this.workspace.projects;
    const named = new Set(projectsOfPlan(options.plan));
    return this.workspace.projects.filter((project) => named.has(project));
  }

  /** Imported when first needed: a plan from a snapshot and a validation need no HTTP client. */
  async #openPorts(): Promise<Ports> {
    const { openPorts } = await import('./open-ports.ts');
    this.#ports ??= openPorts({
      root: this.workspace.root,
      stateDir: this.workspace.stateDir,
      configFile: this.#options.configFile,
      config: this.workspace.config,
      env: this.#options.env,
      homeDir: this.#options.homeDir,
      onEvent: (event) => {
        this.#wire.note(event);
        this.#options.onEvent?.(event);
      },
    });
    return this.#ports;
  }

  /** Imported when first needed: a tree that neither signs nor asks pays nothing for it. */
  async #openTrust(): Promise<SessionTrust> {
    const ports = await this.#openPorts();
    const { SessionTrust } = await import('./session-trust.ts');
    this.#trust ??= new SessionTrust(this.workspace, this.#options, ports);
    return this.#trust;
  }

  async #observePorts(): Promise<ObservePorts> {
    const { client } = await this.#openPorts();
    return { client, onEvent: this.#options.onEvent ?? (() => {}), signal: this.#options.signal };
  }

  #writeSnapshot(
    project: string,
    observations: Observations,
    evidence?: readonly SourceEvidence[],
  ): { content: SnapshotContent; sha256: string } {
    const content = {
      project,
      inputs: inputsOf(this.workspace, project),
      claims: this.workspace.claimsOn([project]),
      observations: stripUnnamed(observations, this.workspace.edgesOf([project])),
      ...this.#gateField(project),
      ...(evidence !== undefined && { evidence }),
    };
    const text = printSnapshotArtifact(content);
    this.#write(project, 'snapshot.json', text);
    return { content, sha256: sha256Of(text) };
  }

  /** What the gate demands, by policies of the whole tree: recorded, as a plan from the cache sees its own files only. */
  #gateField(project: string): { readonly gate?: PlanGate } {
    const { tree, config } = this.workspace;
    const found = tree.projects.find(({ name }) => name === project);
    const gate = found === undefined ? null : planGateOf(found, { projects: tree.projects, config });
    return gate === null ? {} : { gate };
  }

  #writePlan(plan: ProjectPlan, snapshot: string, { gate = null }: { readonly gate?: PlanGate | null }): void {
    const inputs = { ...inputsOf(this.workspace, plan.project), snapshot };
    const report = planReport([plan], { inputs, gateOf: () => gate });
    this.#write(plan.project, 'plan.json', printPlanJson(report));
  }

  #write(project: string, name: ArtifactName, text: string): void {
    writeArtifact(artifactPath(this.workspace.stateDir, project, name), text);
  }

  /** Reading commands also work on a tree that cannot be written to: there the result is only told. */
  #tryToKeep(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof PromoterError)) throw error;
      this.#options.onEvent?.({ type: 'notice', message: `artifacts are not kept: ${error.message}` });
    }
  }

  #planRun(plans: readonly ProjectPlan[], observations: Observations): PlanRun {
    return { plans, findings: this.workspace.findings, hostFailures: hostFailuresOf(observations, plans) };
  }
}
