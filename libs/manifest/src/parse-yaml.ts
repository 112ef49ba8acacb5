// SPDX-License-Identifier: Apache-2.0
import type { FileFindings } from './file-findings.ts';
import type { InputLimits } from './input-limits.ts';
import { parseFullYaml } from './parse-full-yaml.ts';
import { scanBlockYaml } from './scan-block-yaml.ts';
import type { YamlNode } from './yaml-node.ts';

/** A parsed document: `root` is null for an empty one. */
export interface ParsedYaml {
  readonly root: YamlNode | null;
}

/**
 * Parses one document with failsafe scalars (`1.10` stays that text). Null when a finding makes the file unusable. The
 * scanner reads the usual style; whatever it does not know goes to the full parser, which gives the same tree.
 */
export function parseYaml(findings: FileFindings, limits: InputLimits): ParsedYaml | null {
  const root = scanBlockYaml(findings.source.text, limits);
  return root === null ? parseFullYaml(findings, limits) : { root };
}
