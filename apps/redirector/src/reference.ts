// SPDX-License-Identifier: Apache-2.0
// What the page of docs/reference is generated from. Inside the repository only: it is not published.
export { configJsonSchema, createRedirectorProgram } from './program.ts';
