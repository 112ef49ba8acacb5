// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that any Node since 12 can parse: the first step of demo, test and lint.
// Prints one clear line when the Node that runs it is too old for the project.
'use strict';
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `promograph: Node ${process.versions.node} is too old: 24.15 or newer is needed to run from source. ` +
      'Run `npm ci`: it installs Node 24 beside the other packages, and npm scripts use it.',
  );
  process.exit(1);
}
