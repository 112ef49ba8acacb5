// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Observations, ProjectPlan } from '@promograph/plan';
import { planProject } from '@promograph/plan';
import {
  decodeSnapshot,
  encodeSnapshot,
  planReport,
  printJson,
  printPlanJson,
  printSnapshotArtifact,
  readSnapshotArtifact,
  stripUnnamed,
  validateReport,
  type SnapshotArtifact,
  type SnapshotContent,
  type ValidateReport,
} from '@promograph/report';
import { hostFailuresOf } from './host-failures.ts';
import { livePlan } from './live-plan.ts';
import type { LoadedWorkspace } from './load-workspace.ts';
import { observeEdges, type ObservePorts } from './observe-edges.ts';
import type { Ports } from './open-ports.ts';
import { promoteProjects } from './promote-stage.ts';
import { PromoterError } from './promoter-error.ts';
import type {
  PlanRun,
  PromoteOptions,
  PromoteRun,
  ReplicateRun,
  Session,
  SessionOptions,
  VerifyRun,
} from './session.ts';
import { inputsOf } from './snapshot-inputs.ts';
import { projectsOfPlan } from './stale-plan.ts';
import { artifactPath, readArtifact, writeArtifact, type ArtifactName } from './state-dir.ts';
import { createWireMeter } from './wire-totals.ts';
import { validateProject } from './validate-project.ts';

/** The stages over one loaded tree; adapters are opened when the first stage needs a registry. */
export class TreeSession implements Session {
  readonly workspace: LoadedWorkspace;
  readonly #options: SessionOptions;
  readonly #wire = createWireMeter();
  #ports: Ports | null = null;

  constructor(workspace: LoadedWorkspace, options: SessionOptions) {
    this.workspace = workspace;
    this.#options = options;
  }

  async snapshot(projects: readonly string[] = this.workspace.projects): Promise<readonly SnapshotArtifact[]> {
    const claims = this.workspace.claimsOn(projects);
    const observations = await observeEdges(this.workspace.edgesOf(projects), claims, await this.#observePorts());
    return projects.map((project) => encodeSnapshot(this.#writeSnapshot(project, observations).content));
  }

  async plan(projects: readonly string[] = this.workspace.projects): Promise<PlanRun> {
    const { plans, observations } = await livePlan(this.workspace, projects, await this.#observePorts());
    this.#tryToKeep(() => {
      for (const plan of plans) {
        const { sha256 } = this.#writeSnapshot(plan.project, observations);
        this.#writePlan(plan, sha256);
      }
    });
    return this.#planRun(plans, observations);
  }

  async planFromSnapshot(project: string): Promise<PlanRun> {
    const text = readArtifact(artifactPath(this.workspace.stateDir, project, 'snapshot.json'));
    if (text === null) {
      throw new PromoterError('PROMOTER_NO_SNAPSHOT', `${project} has no snapshot to plan from`, {
        hint: `Run the snapshot stage first, or \`promograph plan --project ${project}\`, which reads the registries.`,
      });
    }
    const { observations, claims } = decodeSnapshot(readSnapshotArtifact(text));
    const edges = this.workspace.edgesOf([project]);
    const { isLostAccepted } = this.workspace;
    const plan = planProject({ project, edges, observations, claims, acceptedLost: isLostAccepted });
    this.#writePlan(plan, sha256Of(text));
    return this.#planRun([plan], observations);
  }

  async validate(projects?: readonly string[]): Promise<readonly ValidateReport[]> {
    const names = projects ?? [...this.workspace.projects, ...this.workspace.brokenProjects].sort();
    return names.map((project) => {
      const inputs = inputsOf(this.workspace, project);
      const report = validateReport(validateProject(this.workspace, project), { projects: [project], inputs });
      this.#tryToKeep(() => this.#write(project, 'validate.json', printJson(report)));
      return report;
    });
  }

  async promote(projects: readonly string[] | undefined, options: PromoteOptions): Promise<PromoteRun> {
    const names = projects ?? this.#projectsFor(options);
    const ports = await this.#openPorts();
    if (options.confirm) this.#tellLeaseScope(ports);
    return promoteProjects(this.workspace, names, {
      ...(await this.#observePorts()),
      engine: ports.engine,
      wire: this.#wire,
      now: () => new Date(),
      options,
    });
  }

  verify(): Promise<VerifyRun> {
    throw new PromoterError('PROMOTER_INVALID_INPUT', 'verify is not available');
  }

  replicate(): Promise<ReplicateRun> {
    throw new PromoterError('PROMOTER_INVALID_INPUT', 'replicate is not available');
  }

  async close(): Promise<void> {
    await this.#ports?.close();
    this.#ports = null;
  }

  /** Where runs of several machines are likely, a lease that ends at this one is said to. */
  #tellLeaseScope({ leases }: Ports): void {
    const { env, onEvent } = this.#options;
    const isEnough = leases.scope === 'shared' || (leases.scope === 'machine' && !env['CI']);
    if (isEnough) return;
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

  async #observePorts(): Promise<ObservePorts> {
    const { client } = await this.#openPorts();
    return { client, onEvent: this.#options.onEvent ?? (() => {}), signal: this.#options.signal };
  }

  #writeSnapshot(project: string, observations: Observations): { content: SnapshotContent; sha256: string } {
    const content = {
      project,
      inputs: inputsOf(this.workspace, project),
      claims: this.workspace.claimsOn([project]),
      observations: stripUnnamed(observations, this.workspace.edgesOf([project])),
    };
    const text = printSnapshotArtifact(content);
    this.#write(project, 'snapshot.json', text);
    return { content, sha256: sha256Of(text) };
  }

  #writePlan(plan: ProjectPlan, snapshot: string): void {
    const report = planReport([plan], { inputs: { ...inputsOf(this.workspace, plan.project), snapshot } });
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

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
