// SPDX-License-Identifier: Apache-2.0
import type { Descriptor, Digest, Repository } from '@promograph/oci';

/** How a blob came to be at a destination. */
export type BlobPlacement = 'copied' | 'mounted' | 'skipped';

/** What the copy engine did, in the order in which it happened. Never holds a secret; the listener must not throw. */
export type CopyEvent =
  | {
      readonly type: 'blob';
      readonly destination: Repository;
      readonly blob: Descriptor;
      readonly placement: BlobPlacement;
    }
  | { readonly type: 'manifest'; readonly destination: Repository; readonly digest: Digest }
  /** One read of a blob at the source begins, for at most so many destinations. */
  | { readonly type: 'source-read'; readonly source: Repository; readonly digest: Digest; readonly branches: number }
  /** The same from disk, where an earlier read left the blob. */
  | { readonly type: 'kept-read'; readonly digest: Digest; readonly branches: number }
  /** The source broke off and is read again, behind what is already delivered. */
  | { readonly type: 'source-resumed'; readonly source: Repository; readonly digest: Digest; readonly atByte: number }
  /** A destination that held the others back is from now on fed from disk. */
  | { readonly type: 'demoted'; readonly destination: Repository; readonly digest: Digest; readonly fromByte: number }
  /** The disk or the cap is full: slow destinations hold back the others again. */
  | { readonly type: 'spool-full'; readonly digest: Digest }
  | {
      readonly type: 'upload-retry';
      readonly destination: Repository;
      readonly digest: Digest;
      readonly failures: number;
      readonly delayMs: number;
    };
