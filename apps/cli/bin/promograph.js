#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// Plain JavaScript that every Node parses: it names the version when it is too old, then starts the program.
import { existsSync } from 'fs';
import module from 'module';
import { homedir } from 'os';
import { join } from 'path';

var parts = process.versions.node.split('.').map(Number);
var isSupported =
  (parts[0] === 22 && (parts[1] > 22 || (parts[1] === 22 && parts[2] >= 2))) ||
  (parts[0] === 24 && parts[1] >= 15) ||
  parts[0] >= 26;

if (isSupported) {
  // What is published holds the built program; in the repository the source runs as it is.
  var built = new URL('../dist/main.js', import.meta.url);
  var isBuilt = existsSync(built);
  if (isBuilt) keepCompiledCode();
  import(isBuilt ? built.href : new URL('../src/main.ts', import.meta.url).href)
    .then(function (program) {
      return program.main();
    })
    .catch(function (error) {
      process.stderr.write('promograph: cannot start: ' + (error && error.stack ? error.stack : error) + '\n');
      process.exitCode = 1;
    });
} else {
  process.stderr.write(
    'promograph: Node ' +
      process.versions.node +
      ' is not supported; use 22.22.2 or newer of 22, 24.15 or newer of 24, or 26.\n',
  );
  process.exitCode = 3;
}

/**
 * Keeps what V8 compiled of the built program for the next run, among this user's caches only: code that others could write
 * must not run. A CI runner would write it for nobody. Where it cannot be kept, the program compiles as ever.
 */
function keepCompiledCode() {
  if (process.env.CI) return;
  try {
    module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'promograph', 'compiled'));
  } catch {
    // A user without a home directory.
  }
}
