#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that every Node parses: it names the version when it is too old, then starts the program.
import { existsSync } from 'fs';

var parts = process.versions.node.split('.').map(Number);
var isSupported =
  (parts[0] === 22 && (parts[1] > 22 || (parts[1] === 22 && parts[2] >= 2))) ||
  (parts[0] === 24 && parts[1] >= 15) ||
  parts[0] >= 26;

if (isSupported) {
  // What is published holds the built program; in the repository the source runs as it is.
  var built = new URL('../dist/main.js', import.meta.url);
  import(existsSync(built) ? built.href : new URL('../src/main.ts', import.meta.url).href)
    .then(function (program) {
      return program.main();
    })
    .catch(function (error) {
      process.stderr.write(
        'promograph-redirector: cannot start: ' + (error && error.stack ? error.stack : error) + '\n',
      );
      process.exitCode = 1;
    });
} else {
  process.stderr.write(
    'promograph-redirector: Node ' +
      process.versions.node +
      ' is not supported; use 22.22.2 or newer of 22, 24.15 or newer of 24, or 26.\n',
  );
  process.exitCode = 3;
}
