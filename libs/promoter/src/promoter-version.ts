// SPDX-License-Identifier: Apache-2.0

/** Version of promograph that receipts and records name; that of the packages, which a test holds it to. */
export const PROMOTER_VERSION = '0.1.0';

/** This program, as records name their builder: a package URL. */
export const BUILDER_ID: string = `pkg:npm/promograph@${PROMOTER_VERSION}`;
