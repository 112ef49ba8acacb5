// SPDX-License-Identifier: Apache-2.0
import { parseReference, printRepository } from '@promograph/oci';
import type { VerifyFinding } from '@promograph/report';
import { hostFailuresOf } from '../host-failures.ts';
import { livePlan, type LivePlan } from '../live-plan.ts';
import type { LoadedWorkspace } from '../load-workspace.ts';
import type { ObservePorts } from '../observe-edges.ts';
import { PromoterError } from '../promoter-error.ts';
import type { SessionTrust } from '../session-trust.ts';
import type { HostFailure, PromoteOptions, PromoteRun, VerifyOptions, VerifyRun } from '../session.ts';
import { referenceOf } from '../trust/reference-of.ts';
import { lookThrough } from './look-through.ts';
import { stalePolicies, type StalePolicyPorts } from './stale-policies.ts';
import { uploadedSince } from './uploaded-since.ts';
import type { PromotedImage } from './verify-image.ts';
import {
  healedFindings,
  missingFindings,
  promotedImages,
  verifyImages,
  type VerifyPorts,
  verifyReport,
} from './verify-stage.ts';

/** What verification is done with. */
export interface VerifySessionPorts {
  readonly observe: ObservePorts;
  readonly trust: SessionTrust;
  /** Heals: the same stages as any other run. */
  readonly promote: (options: PromoteOptions) => Promise<PromoteRun>;
}

/** Compares the selected projects, or given references, with the world; confirmed, heals and looks again. */
export async function verifySession(
  workspace: LoadedWorkspace,
  options: VerifyOptions,
  ports: VerifySessionPorts,
): Promise<VerifyRun> {
  const verifying = await verifyPorts(workspace, ports);
  const first = await look(workspace, options, { ...ports, verifying });
  const isHealing = options.confirm === true && first.findings.length > 0;
  if (isHealing && options.references !== undefined) throw referencesNotHealed();
  // A tree that expects no records gets none: beside `.sig` tags alone a record would mislead cosign.
  const through = verifying.expectation.recordType === null ? 'sign' : 'attest';
  if (isHealing) await ports.promote({ confirm: true, through, scope: 'present' });
  const last = isHealing ? await look(workspace, options, { ...ports, verifying }) : first;
  const findings = isHealing ? healedFindings(first.findings, last.findings) : first.findings;
  return {
    report: verifyReport(last.images, findings, verifying),
    findings: workspace.findings,
    hostFailures: last.hostFailures,
  };
}

interface Look {
  readonly images: readonly PromotedImage[];
  readonly findings: readonly VerifyFinding[];
  readonly hostFailures: readonly HostFailure[];
}

type LookPorts = VerifySessionPorts & { readonly verifying: VerifyPorts };

async function look(workspace: LoadedWorkspace, options: VerifyOptions, ports: LookPorts): Promise<Look> {
  const { references, via } = options;
  if (references !== undefined) return lookAtReferences(workspace, { references, via }, ports);
  const live = await livePlan(workspace, workspace.projects, ports.observe);
  const seen = live.observations;
  const all = imagesOf(workspace, live, ports.trust);
  const images = options.sinceDays === undefined ? all : await uploadedSince(all, options.sinceDays, ports.observe);
  const findings = [...missingFindings(live.plans), ...(await verifyImages(images, { ...ports.verifying, seen }))];
  findings.push(...(await stalePolicies(images, { ...ports.verifying, ...policyPorts(workspace, ports) })));
  const through = await throughDoor(via, images, ports);
  return { images, findings: [...findings, ...through], hostFailures: failuresOf(live) };
}

function policyPorts({ tree }: LoadedWorkspace, { observe }: LookPorts): Pick<StalePolicyPorts, 'client' | 'projects'> {
  return { client: observe.client, projects: tree.projects };
}

function failuresOf({ observations, plans }: LivePlan): readonly HostFailure[] {
  return hostFailuresOf(observations, plans);
}

function imagesOf(workspace: LoadedWorkspace, live: LivePlan, trust: SessionTrust): readonly PromotedImage[] {
  const canonical = trust.canonical();
  return canonical === null ? [] : promotedImages(live, canonical, workspace.config.signing?.tagless ?? true);
}

/** Images that are named instead of being read from the tree. */
async function lookAtReferences(
  workspace: LoadedWorkspace,
  { references, via }: { readonly references: readonly string[]; readonly via: string | undefined },
  ports: LookPorts,
): Promise<Look> {
  const rules = workspace.config.signing?.references ?? [];
  const images: PromotedImage[] = [];
  const findings: VerifyFinding[] = [];
  for (const text of references) {
    const { repository, tag, digest } = parseReference(text);
    const version = digest ?? tag;
    if (version === null) throw unversioned(text);
    const name = printRepository(repository);
    const found = await ports.observe.client.headManifest(repository, version, callOptions(ports));
    const reference = referenceOf(name, rules);
    const tags = tag === null ? [] : [tag];
    if (found === null) throw notThere(text);
    if (digest !== null && found.digest !== digest) {
      findings.push({ kind: 'tampered', repository: name, digest, tags, message: `it resolves to ${found.digest}` });
    }
    const { mediaType } = found;
    images.push({ repository: name, digest: digest ?? found.digest, tags, reference, source: null, mediaType });
  }
  return {
    images,
    findings: [
      ...findings,
      ...(await verifyImages(images, ports.verifying)),
      ...(await throughDoor(via, images, ports)),
    ],
    hostFailures: [],
  };
}

async function throughDoor(
  via: string | undefined,
  images: readonly PromotedImage[],
  { observe: { client, signal }, verifying }: LookPorts,
): Promise<readonly VerifyFinding[]> {
  return via === undefined ? [] : lookThrough(via, images, { client, verifying, signal });
}

function callOptions({ observe: { signal } }: LookPorts): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function verifyPorts({ config }: LoadedWorkspace, { trust, observe }: VerifySessionPorts): Promise<VerifyPorts> {
  const own = await trust.ownPorts();
  return {
    ...own,
    client: observe.client,
    seen: new Map(),
    expectation: {
      own: {
        signers: await trust.services.ownSigners(),
        summarySigners: await trust.services.summarySigners(),
        formats: [],
      },
      recordType: config.attest.isConfigured ? config.attest.predicateType : null,
    },
    keyFile: config.signing?.publicKey ?? 'cosign.pub',
    onDone: (done, total) => observe.onEvent({ type: 'progress', stage: 'verify', done, total }),
  };
}

function referencesNotHealed(): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', 'only what the tree names can be healed', {
    hint: 'Run verify --confirm for the project instead of naming references.',
  });
}

/** There is no default tag: one that nobody named would be verified, and another one pulled. */
function unversioned(reference: string): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', `${reference} names neither a tag nor a digest`, {
    hint: `Write ${reference}:TAG or ${reference}@DIGEST.`,
  });
}

function notThere(reference: string): PromoterError {
  return new PromoterError('PROMOTER_INVALID_INPUT', `${reference} is not there`, {
    hint: 'Give host/path:tag or host/path@digest of an image that was promoted.',
  });
}
