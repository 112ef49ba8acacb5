// SPDX-License-Identifier: Apache-2.0
import type { Project, ScanSettings } from '@promograph/manifest';
import type { Digest } from '@promograph/oci';
import type { PolicyResult, Scanner } from '@promograph/provenance';
import type { GatedDigest } from '@promograph/report';
import type { BundleReferrer, Evidence, Examiner, ExpectedSigner, SignatureLayer } from '@promograph/signing';

/** A source digest that is due to move. */
export interface DueDigest {
  /** Repository `host/path`. */
  readonly source: string;
  readonly digest: Digest;
}

/** Where evidence comes from: the registries, or exactly the digests that a snapshot names. */
export interface EvidenceSource {
  read(due: DueDigest, wants: EvidenceWants): Promise<Evidence>;
  /** Platform images and indexes below an index, so many levels deep; empty for an image. */
  childrenOf(due: DueDigest, levels: number): Promise<readonly GateChild[]>;
}

/** What is below an index. */
export interface GateChild {
  readonly digest: Digest;
  /** Named by the index itself, not by one below it. */
  readonly isDirect: boolean;
  /** An index, with its own images among the children. */
  readonly isIndex: boolean;
}

/** Which evidence a gate looks at. */
export interface EvidenceWants {
  readonly signatures: boolean;
  readonly attestations: boolean;
}

/** What the gate asks. */
export interface GatePorts {
  readonly evidence: EvidenceSource;
  readonly examiner: Examiner;
  /** Null where nothing is scanned, or findings are attestations among the evidence. */
  readonly scanner: Scanner | null;
  readonly signal: AbortSignal | undefined;
  /** Told after each digest. */
  readonly onDone: () => void;
}

/** What the gate demands. */
export interface GateSettings {
  readonly signatures: 'off' | 'if-present' | 'require';
  readonly signers: readonly ExpectedSigner[];
  /** All projects of the tree: the policies of every one apply, whatever was selected. */
  readonly projects: readonly Project[];
  /** Unusable projects that may hold a policy for anything: see `unreadPolicies`. */
  readonly unreadPolicies: readonly string[];
  readonly scan: ScanSettings | null;
  readonly scanSigners: readonly ExpectedSigner[];
  /** Predicate type of our own promotion records, which are never carried. */
  readonly recordType: string;
}

/** What the gate says of one digest, and what may be carried over with it. */
export interface GateVerdict {
  readonly gated: GatedDigest;
  readonly policies: readonly PolicyResult[];
  /** Projects that declare them. */
  readonly policyProjects: readonly string[];
  /** Attestations of the source that every policy accepted. */
  readonly carriable: readonly BundleReferrer[];
  /** Layers of the source's `.sig` tag that an expected signer made. */
  readonly signatures: readonly SignatureLayer[];
  /** Why the evidence could not be read: then the edges fail rather than being refused. Else null. */
  readonly failure: unknown;
}
