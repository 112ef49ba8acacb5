// SPDX-License-Identifier: Apache-2.0
// A sigstore whose services take their time, and a registry, in a process of their own so that their work is not the
// signer's. Prints one line of JSON; ends with its standard input. Usage: node sigstore-server.ts DIRECTORY LATENCY
import { type SigstoreLatency, startRegistry, startSigstore } from '@promograph/devstack';

const [dir = '', latency = '{}'] = process.argv.slice(2);
const [sigstore, registry] = await Promise.all([
  startSigstore({ dir, latency: JSON.parse(latency) as SigstoreLatency }),
  startRegistry({ recordRequests: false }),
]);
const { url, files } = sigstore;
process.stdout.write(`${JSON.stringify({ url, files, token: sigstore.token(), registry: registry.host })}\n`);
process.stdin.resume().on('end', () => process.exit());
