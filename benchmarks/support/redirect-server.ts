// SPDX-License-Identifier: Apache-2.0
// What the benchmark of the redirector measures, as a process of its own. `redirect-server.ts bare` answers every request
// with one redirect and does nothing else; `redirect-server.ts FILE remembering` is a redirector whose registries have
// everything and answer at once; `redirect-server.ts FILE` is one with real probes. Tells its port, and for each message
// what it cost so far; ends with its parent.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpProbe } from '@promograph/redirector';
import type { ServerUsage } from './redirect-load.ts';

const LOCATION = `https://europe-west2-docker.example/v2/prod/images/app/manifests/sha256:${'ab'.repeat(32)}`;
const HAS_EVERYTHING: HttpProbe = {
  probe: async () => 'present',
  check: async () => 200,
  close: async () => undefined,
};

const [config = 'bare', mode] = process.argv.slice(2);
const port = config === 'bare' ? await startBare() : await startOwn(config);
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const usage: ServerUsage = {
    cpuUs: user + system,
    rssMb: process.memoryUsage.rss() / 1e6,
  };
  process.send?.(usage);
});
process.on('disconnect', () => process.exit());
process.send?.({ port });

async function startBare(): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(307, { location: LOCATION }).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function startOwn(configFile: string): Promise<number> {
  // Loaded here, so that the bare server carries none of it, and in the order of the program itself.
  const { preferSmallHeap } = await import('@promograph/redirector/small-heap');
  preferSmallHeap();
  const { loadSettings, startRedirector } = await import('@promograph/redirector');
  const settings = await loadSettings({ configFile, env: {}, region: undefined });
  const ports = { writeLog: (lines: string) => void process.stderr.write(lines) };
  const openProbe = (): HttpProbe => HAS_EVERYTHING;
  const started = await startRedirector(settings, mode === 'remembering' ? { ...ports, openProbe } : ports);
  process.send?.({ metricsPort: started.metricsPort });
  return started.port;
}
