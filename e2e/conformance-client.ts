// SPDX-License-Identifier: Apache-2.0
import { errorMessage } from '@promograph/errors';
import { readArguments } from './support/conformance/read-arguments.ts';
import { signBundle } from './support/conformance/sign-bundle.ts';
import { verifyBundle } from './support/conformance/verify-bundle.ts';

// Started by `e2e/conformance-client`. Exit code 0 only where it signed or verified; 2 for arguments that are none.
const command = readArguments(process.argv.slice(2));
if (command.name === 'usage') {
  console.error(`conformance-client: ${command.message}`);
  process.exitCode = 2;
} else {
  try {
    const refusal = command.name === 'sign-bundle' ? await signBundle(command) : await verifyBundle(command);
    if (refusal !== null) console.error(`conformance-client: ${refusal}`);
    process.exitCode = refusal === null ? 0 : 1;
  } catch (error) {
    console.error(`conformance-client: ${errorMessage(error)}`);
    process.exitCode = 1;
  }
}
