// SPDX-License-Identifier: Apache-2.0
// HEADs of manifests through the whole client (limiter, authentication, retries) against a minimal server in another
// process, in turn with bare `node:http`: rate, CPU of this process, connections. Usage: node benchmarks/head-rate.ts
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createMemoryLimiter } from '@promograph/limiter';
import { ANONYMOUS, createRegistryClient, profileOf } from '@promograph/registry';
import { median, printLine } from './support/benchmark-line.ts';
import { roundsOr } from './support/rounds.ts';

const HEADS = 10_000;
const AT_ONCE = 32;
const REPOSITORY_PATH = 'prod/images/app';

interface Sample {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly connections: number;
}

const rounds = roundsOr(5);
const program = fileURLToPath(new URL('support/head-server.ts', import.meta.url));
const server = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
try {
  const port = await portOf(server);
  const own: Sample[] = [];
  const bare: Sample[] = [];
  await measure(port, ownHead);
  await measure(port, bareHead);
  for (let round = 0; round < rounds; round += 1) {
    own.push(await measure(port, ownHead));
    bare.push(await measure(port, bareHead));
  }
  report(own, bare);
} finally {
  server.stdin.end();
}

interface Head {
  head(tag: string): Promise<void>;
  close(): Promise<void>;
}

async function measure(port: number, open: (port: number) => Head): Promise<Sample> {
  const before = await connectionsOf(port);
  const client = open(port);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < HEADS) await client.head(`v${(next += 1)}`);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await client.close();
  // One connection each time is that of the question itself.
  const connections = (await connectionsOf(port)) - before - 1;
  return { perSecond: HEADS / seconds, cpuUs: (user + system) / HEADS, connections };
}

function ownHead(port: number): Head {
  const client = createRegistryClient({
    limiter: createMemoryLimiter({ capFor: () => null }),
    profileFor: (host) => ({ ...profileOf(host), concurrency: AT_ONCE }),
    credentials: ANONYMOUS,
  });
  const repository = { host: `127.0.0.1:${port}`, path: REPOSITORY_PATH };
  return {
    head: async (tag) => {
      if ((await client.headManifest(repository, tag)) === null) throw new Error('a HEAD found nothing');
    },
    close: () => client.close(),
  };
}

function bareHead(port: number): Head {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const ask = async (tag: string): Promise<void> => {
    const path = `/v2/${REPOSITORY_PATH}/manifests/${tag}`;
    const sent = request({ agent, host: '127.0.0.1', port, method: 'HEAD', path }).end();
    const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
    response.resume();
    await once(response, 'end');
  };
  return { head: ask, close: async () => agent.destroy() };
}

async function connectionsOf(port: number): Promise<number> {
  const sent = get({ host: '127.0.0.1', port, path: '/connections', agent: false });
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Number(Buffer.concat(chunks).toString());
}

async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error('the server has no output');
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  return Number(line);
}

function report(own: readonly Sample[], bare: readonly Sample[]): void {
  const most = Math.max(...own.map(({ connections }) => connections));
  const [cpuUs, bareCpuUs] = [own, bare].map((samples) => median(samples.map((sample) => sample.cpuUs)));
  const [perSecond, barePerSecond] = [own, bare].map((samples) => median(samples.map((sample) => sample.perSecond)));
  const measured = { cpuUs: cpuUs ?? 0, perSecond: perSecond ?? 0 };
  printLine({
    benchmark: 'head-rate',
    case: `${AT_ONCE} at once`,
    ratios: { cpuToBareHttp: measured.cpuUs / (bareCpuUs ?? NaN) },
    counts: { heads: HEADS, connections: most },
    measured: { ...measured, bareCpuUs: bareCpuUs ?? 0, barePerSecond: barePerSecond ?? 0 },
    broken: most <= AT_ONCE ? [] : [`${most} connections for ${AT_ONCE} requests at once`],
    notes: [],
  });
}
