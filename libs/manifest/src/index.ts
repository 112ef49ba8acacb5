// SPDX-License-Identifier: Apache-2.0
export { Baseline, BASELINE_FILE } from './baseline.ts';
export type { BaselineEntry } from './baseline.ts';
export type { PromographConfig, RegistryBudget, RegistrySettings } from './config.ts';
export { hasErrors, makeFinding, sortFindings } from './finding.ts';
export type { Finding, FindingText, Severity } from './finding.ts';
export { FINDING_CODES, isFindingCode } from './finding-codes.ts';
export type { FindingCode, FindingExplanation } from './finding-codes.ts';
export { DEFAULT_INPUT_LIMITS } from './input-limits.ts';
export type { InputLimits } from './input-limits.ts';
export { ManifestError } from './manifest-error.ts';
export type { ManifestErrorCode } from './manifest-error.ts';
export type { DigestEntry, ImageEntry, Project, RegistryEntry, TagEntry, Tree } from './model.ts';
export { compilePathPattern } from './path-pattern.ts';
export type { PathPattern } from './path-pattern.ts';
export { manifestSchemas } from './manifest-schemas.ts';
export type { ManifestSchemaName } from './manifest-schemas.ts';
export { printPosition } from './position.ts';
export type { Position } from './position.ts';
export { printBaseline } from './print-baseline.ts';
export { printImages } from './print-images.ts';
export type { PrintableImage } from './print-images.ts';
export { printableText } from './printable-text.ts';
export { isSamePolicy } from './provenance-conflicts.ts';
export type { ProvenanceBuilder, ProvenanceLevel, ProvenancePolicy } from './provenance-policy.ts';
export { re2Problem } from './re2-problem.ts';
export { readBaseline } from './read-baseline.ts';
export { CONFIG_FILE, parseConfig, readConfig, readConfigFrom } from './read-config.ts';
export type { ReadConfig } from './read-config.ts';
export { readPlainManifest, readTree, readTreeFrom } from './read-tree.ts';
export type { ReadTreeOptions } from './read-tree.ts';
export type {
  AttestSettings,
  IdentitySetting,
  NameSetting,
  ReferenceRule,
  ReplicateSettings,
  ScanSettings,
  SignatureFormat,
  SignerSetting,
  SigningSettings,
  StagingSettings,
  TokenSetting,
} from './trust-settings.ts';
export { treeSourceOf } from './tree-source.ts';
export type { TreeEntry, TreeEntryKind, TreeFile, TreeSource } from './tree-source.ts';
