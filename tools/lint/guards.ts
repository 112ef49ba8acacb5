// SPDX-License-Identifier: Apache-2.0
import { filesGuard } from './check-files.ts';
import { layersGuard } from './check-layers.ts';
import { linksGuard } from './check-links.ts';
import { referenceGuard } from './check-reference.ts';
import { eslintGuard, formatGuard, knipGuard, typesGuard } from './tool-guards.ts';
import type { Guard } from './violation.ts';

/** Every guard, in the order in which `npm run lint` runs them. */
export const GUARDS: readonly Guard[] = [
  formatGuard,
  typesGuard,
  eslintGuard,
  layersGuard,
  filesGuard,
  linksGuard,
  referenceGuard,
  knipGuard,
];
