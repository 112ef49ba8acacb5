// SPDX-License-Identifier: Apache-2.0
import { type Finding, type FindingText, makeFinding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import type { SourceText } from './source-text.ts';

/** Collects the findings of one file; places are offsets into its text. */
export class FileFindings {
  readonly source: SourceText;
  readonly project: string | null;
  readonly list: Finding[] = [];

  constructor(source: SourceText, project: string | null) {
    this.source = source;
    this.project = project;
  }

  /** Notes a finding at `offset`. */
  add(code: FindingCode, offset: number, text: FindingText): void {
    this.list.push(makeFinding(code, this.source.position(offset), { ...text, project: this.project }));
  }
}
