// SPDX-License-Identifier: Apache-2.0
import type { FileFindings } from './file-findings.ts';
import type { InputLimits } from './input-limits.ts';
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
export async function parseYaml(findings: FileFindings, limits: InputLimits): Promise<ParsedYaml | null> {
  const scanned = scanBlockYaml(findings.source.text, limits);
  if (scanned !== null) return scanned;
  // Loaded where it is needed: the library costs more than the scanner takes for a whole tree.
  const { parseFullYaml } = await import('./parse-full-yaml.ts');
  return parseFullYaml(findings, limits);
}
