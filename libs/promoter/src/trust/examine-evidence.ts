// SPDX-License-Identifier: Apache-2.0
import { printRepository } from '@promograph/oci';
import type { ExaminedEvidence } from '@promograph/provenance';
import type { Evidence, Examiner } from '@promograph/signing';

/** Every piece of the evidence, examined. */
export async function examineEvidence(evidence: Evidence, examiner: Examiner): Promise<ExaminedEvidence> {
  const repository = printRepository(evidence.repository);
  const examinations = await Promise.all(evidence.pieces.map((piece) => examiner.examine(piece, repository)));
  return { evidence, examinations };
}
