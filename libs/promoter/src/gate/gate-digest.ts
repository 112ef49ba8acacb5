// SPDX-License-Identifier: Apache-2.0
import { errorMessage, isPromographError, redactText } from '@promograph/errors';
import { type Digest, parseRepository } from '@promograph/oci';
import {
  type ExaminedEvidence,
  gateProvenance,
  policiesFor,
  type ProvenanceGate,
  type VulnerabilityGate,
} from '@promograph/provenance';
import { MAX_CLOSURE_DEPTH } from '@promograph/registry';
import type { GatedDigest } from '@promograph/report';
import { type ImageVerdict, judgeImage, judgeSignature, type SignatureLayer } from '@promograph/signing';
import { examineEvidence } from '../trust/examine-evidence.ts';
import type { DueDigest, EvidenceWants, GatePorts, GateSettings, GateVerdict } from './gate-ports.ts';
import { gateScan } from './gate-scan.ts';
import { printSigner, reportedVerdict } from './reported-verdict.ts';

/** Asks everything about one source digest. What cannot be read is a failure of its edges, never a pass. */
export async function gateDigest(due: DueDigest, ports: GatePorts, settings: GateSettings): Promise<GateVerdict> {
  try {
    return await examineAndJudge(due, ports, settings);
  } catch (failure) {
    ports.signal?.throwIfAborted();
    return unreadableVerdict(due, failure);
  }
}

async function examineAndJudge(due: DueDigest, ports: GatePorts, settings: GateSettings): Promise<GateVerdict> {
  const policies = policiesFor(parseRepository(due.source), settings.projects);
  const isScannedByAttestation = settings.scan?.adapter === 'attestations';
  const wants = {
    signatures: settings.signatures !== 'off',
    attestations: settings.signatures !== 'off' || policies.length > 0 || isScannedByAttestation,
  };
  const own = await examined(due, wants, ports);
  const levels = gatedLevels(policies.length > 0, settings);
  const below = levels === 0 ? [] : await ports.evidence.childrenOf(due, levels);
  const children = await Promise.all(
    below.map(async (child) => ({
      ...child,
      found: await examinedChild({ ...due, digest: child.digest }, wants, ports),
    })),
  );
  const signature = settings.signatures === 'off' ? NOT_ASKED : judgeOwn(due, own, settings);
  const provenance = gateProvenance({
    digest: due.digest,
    own,
    children: children.filter(({ isDirect }) => isDirect),
    policies,
    signers: settings.signers,
    recordType: settings.recordType,
  });
  const scan = await gateScan(due, { own, children }, { ports, settings });
  return {
    gated: gatedDigest(due, { signature, provenance, scan }, settings),
    policies: provenance.results,
    policyProjects: policies.flatMap(({ projects }) => projects),
    carriable: provenance.carriable.referrers,
    signatures: settings.signatures === 'off' ? [] : verifiedLayers(due, own, settings),
    failure: null,
  };
}

/** Policies speak of an index and its platform images; vulnerabilities may be in anything that is promoted with it. */
export function gatedLevels(hasPolicies: boolean, { scan }: Pick<GateSettings, 'scan'>): number {
  if (scan !== null) return MAX_CLOSURE_DEPTH;
  return hasPolicies ? 1 : 0;
}

const NOT_ASKED: ImageVerdict = { kind: 'absent', code: null, message: '', signer: null, place: null, pieces: [] };

async function examined(due: DueDigest, wants: EvidenceWants, ports: GatePorts): Promise<ExaminedEvidence> {
  const evidence = await ports.evidence.read(due, wants);
  return examineEvidence(evidence, ports.examiner);
}

/** A child that cannot be read is known as such: policies then refuse what rests on it. */
async function examinedChild(
  child: DueDigest,
  wants: EvidenceWants,
  ports: GatePorts,
): Promise<ExaminedEvidence | null> {
  try {
    return await examined(child, { ...wants, signatures: false }, ports);
  } catch {
    ports.signal?.throwIfAborted();
    return null;
  }
}

function judgeOwn({ digest }: DueDigest, own: ExaminedEvidence, { signers }: GateSettings): ImageVerdict {
  return judgeImage(own.examinations, own.evidence, { subject: digest, signers, reference: null });
}

function verifiedLayers(
  { digest }: DueDigest,
  { examinations }: ExaminedEvidence,
  { signers }: GateSettings,
): readonly SignatureLayer[] {
  const expectation = { subject: digest, signers, reference: null };
  return examinations.flatMap((examination) => {
    const { piece } = examination;
    const isOurs = piece.layout === 'sig' && judgeSignature(examination, expectation).kind === 'verified';
    return isOurs ? [piece] : [];
  });
}

function reportedScan({ verdict, vulnerabilities }: VulnerabilityGate): NonNullable<GatedDigest['scan']> {
  return { verdict, ...(vulnerabilities.length > 0 && { vulnerabilities }) };
}

type Refusal = NonNullable<GatedDigest['refused']>;

interface Findings {
  readonly signature: ImageVerdict;
  readonly provenance: ProvenanceGate;
  readonly scan: VulnerabilityGate | null;
}

function gatedDigest(due: DueDigest, findings: Findings, settings: GateSettings): GatedDigest {
  const { signature, provenance, scan } = findings;
  const refused = refusalOf(findings, settings);
  const warnings = [...signatureWarnings(signature), ...provenance.warnings, ...(scan?.warnings ?? [])];
  return {
    source: due.source,
    digest: due.digest,
    signature: reportedVerdict(signature),
    ...(signature.pieces.length > 0 && { signatures: signature.pieces.map(reportedVerdict) }),
    provenance: {
      verdict: provenance.verdict,
      mode: provenance.mode,
      ...(provenance.level !== null && { level: provenance.level }),
      ...(provenance.violations.length > 0 && { violations: provenance.violations.map(({ message }) => message) }),
    },
    ...(scan !== null && { scan: reportedScan(scan) }),
    ...(refused !== null && { refused }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function refusalOf({ signature, provenance, scan }: Findings, settings: GateSettings): Refusal | null {
  const isRequired = settings.signatures === 'require';
  if (signature.kind === 'failed' || (isRequired && signature.kind !== 'verified')) {
    const message = signature.kind === 'absent' ? 'no signature of an expected signer' : signature.message;
    return { reason: 'signature', code: signature.code ?? 'SIG_ABSENT', message };
  }
  if (settings.unreadPolicies.length > 0) return unreadPolicy(settings.unreadPolicies);
  if (provenance.refusal !== null) return { reason: 'provenance', ...provenance.refusal };
  return scan?.refusal == null ? null : { reason: 'vulnerability', ...scan.refusal };
}

function unreadPolicy(projects: readonly string[]): Refusal {
  const message = `the manifest of ${projects.join(', ')} cannot be used, and may hold a policy for this image`;
  return { reason: 'provenance', code: 'PROVENANCE_UNREAD_POLICY', message };
}

/** A stranger's signature stops nothing, and is told. */
function signatureWarnings({ pieces }: ImageVerdict): readonly string[] {
  return pieces
    .filter(({ kind }) => kind === 'untrusted' || kind === 'unverifiable')
    .map(({ kind, message, place, signer }) => {
      // Only of what verifies is it known who signed.
      const by = kind === 'untrusted' && signer !== null ? `, ${printSigner(signer)}` : '';
      return `a signature at ${place?.location ?? 'the source'} is ${kind}: ${message}${by}`;
    });
}

function unreadableVerdict({ source, digest }: { source: string; digest: Digest }, failure: unknown): GateVerdict {
  const code = isPromographError(failure) ? failure.code : 'UNEXPECTED';
  const message = `the evidence cannot be read: ${redactText(errorMessage(failure))}`;
  return {
    gated: {
      source,
      digest,
      signature: { verdict: 'unverifiable', code, message },
      refused: { reason: 'signature', code, message },
    },
    policies: [],
    policyProjects: [],
    carriable: [],
    signatures: [],
    failure,
  };
}
