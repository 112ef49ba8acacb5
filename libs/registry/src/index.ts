// SPDX-License-Identifier: Apache-2.0
export { readBody } from './body-reader.ts';
export { BoundAuthorization } from './bound-authorization.ts';
export { BUILT_IN_PROFILES, DEFAULT_PROFILE, profileOf } from './built-in-profiles.ts';
export { MAX_CLOSURE_DEPTH, MAX_CLOSURE_DOCUMENTS } from './closure.ts';
export type { Closure, CopyEngine, CopyRequest, DestinationCopy, TagOutcome, TagRequest } from './copy-engine.ts';
export type { BlobPlacement, CopyEvent } from './copy-event.ts';
export { createCopyEngine } from './copy-images.ts';
export type { CopyEngineOptions } from './copy-options.ts';
export { createRegistryClient } from './create-registry-client.ts';
export type { RegistryClientOptions, RegistryClock } from './create-registry-client.ts';
export { Connections } from './connections.ts';
export type { ProxySettings } from './connections.ts';
export { createCredentialSource } from './credential-source.ts';
export type { CredentialSourceOptions } from './credential-source.ts';
export { ANONYMOUS } from './credential.ts';
export type { Credential, CredentialSource, FoundCredential } from './credential.ts';
export { applicationDefaultTokens } from './google-credentials.ts';
export type { GoogleTokenSource } from './google-credentials.ts';
export { GoogleTransport } from './google-transport.ts';
export type { GoogleTransportOptions } from './google-transport.ts';
export { isLoopbackName } from './network-address.ts';
export { putBlob } from './put-blob.ts';
export type { BlobPut, PutBlobOptions } from './put-blob.ts';
export { readBlob } from './read-blob.ts';
export type { SmallBlobOptions } from './read-blob.ts';
export { referrersTag } from './referrer-calls.ts';
export type {
  BlobPost,
  BlobStream,
  CallOptions,
  ManifestHead,
  ManifestPut,
  ObservationRequest,
  RegistryClient,
  RegistryEvent,
  RepositoryContents,
  TagInventory,
  UploadSession,
  UploadStart,
} from './registry-client.ts';
export { RegistryError } from './registry-error.ts';
export type { RegistryDiagnostic, RegistryErrorCode, RegistryErrorDetails } from './registry-error.ts';
export type { RegistryProfile } from './registry-profile.ts';
export { retrying } from './retry-policy.ts';
export type { RetryPolicy } from './retry-policy.ts';
export type { TokenSharing } from './shared-tokens.ts';
export { statusFailure } from './status-failure.ts';
export { DEFAULT_TIMEOUTS } from './timeouts.ts';
export type { Timeouts } from './timeouts.ts';
export { sendGranted } from './wire.ts';
export type { WireAnswer, WireHeaders, WireRequest } from './wire.ts';
