// SPDX-License-Identifier: Apache-2.0
export { BUILT_IN_PROFILES, DEFAULT_PROFILE, profileOf } from './built-in-profiles.ts';
export type { Closure, CopyEngine, CopyRequest, DestinationCopy, TagOutcome, TagRequest } from './copy-engine.ts';
export type { BlobPlacement, CopyEvent } from './copy-event.ts';
export { createCopyEngine } from './copy-images.ts';
export type { CopyEngineOptions } from './copy-options.ts';
export { createRegistryClient } from './create-registry-client.ts';
export type { RegistryClientOptions, RegistryClock } from './create-registry-client.ts';
export type { ProxySettings } from './connections.ts';
export { createCredentialSource } from './credential-source.ts';
export type { CredentialSourceOptions } from './credential-source.ts';
export { ANONYMOUS } from './credential.ts';
export type { Credential, CredentialSource, FoundCredential } from './credential.ts';
export { referrersTag } from './referrer-calls.ts';
export type {
  BlobStream,
  CallOptions,
  ManifestHead,
  ObservationRequest,
  RegistryClient,
  RegistryEvent,
  RepositoryContents,
  UploadSession,
  UploadStart,
} from './registry-client.ts';
export { RegistryError } from './registry-error.ts';
export type { RegistryDiagnostic, RegistryErrorCode, RegistryErrorDetails } from './registry-error.ts';
export type { RegistryProfile } from './registry-profile.ts';
export type { RetryPolicy } from './retry-policy.ts';
export type { Timeouts } from './timeouts.ts';
