// SPDX-License-Identifier: Apache-2.0
export { createNodes, createNodesV2, name } from './plugin.ts';
export type { PluginOptions, TreeRootOption } from './plugin-options.ts';
