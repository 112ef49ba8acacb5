// SPDX-License-Identifier: Apache-2.0
import type { Observations } from '@promograph/plan';
import type { DueDigest, GateVerdict } from './gate/gate-ports.ts';
import type { Handover } from './handover.ts';
import type { ObservePorts } from './observe-edges.ts';
import type { Ports } from './open-ports.ts';
import type { PromoteOptions } from './session.ts';
import type { SessionTrust } from './session-trust.ts';
import type { CanonicalRepositories } from './trust/canonical-repositories.ts';
import type { WireMeter } from './wire-totals.ts';

/** What the promote stage needs beside the registries. */
export interface PromotePorts extends ObservePorts, Pick<Ports, 'engine'> {
  readonly now: () => Date;
  readonly wire: WireMeter;
  readonly options: PromoteOptions;
  /** What stages of this session that handed over did. */
  readonly handover: Handover;
  /** Where digests are signed; null where the tree does not sign. */
  readonly canonical: CanonicalRepositories | null;
  /** The live verdicts on what is due, by `dueKey`; null where no gate is configured. */
  readonly gate: ((due: readonly DueDigest[], seen: Observations) => Promise<ReadonlyMap<string, GateVerdict>>) | null;
  /** Opens signing of what is due; its preflight gets token and certificate. Called only when there is something to look at. */
  readonly openTrust: SessionTrust['openStage'];
}
