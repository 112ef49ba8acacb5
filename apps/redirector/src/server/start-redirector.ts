// SPDX-License-Identifier: Apache-2.0
import type { RequestListener, Server } from 'node:http';
import { FrontDoor } from '@promograph/redirect';
import type { Settings } from '../config/settings.ts';
import { answerRequests } from './answer-requests.ts';
import { type CheckLoop, startCheckLoop } from './check-loop.ts';
import { type AnswerListener, type HttpProbe, openHttpProbe } from './http-probe.ts';
import { drain, listen, portOf } from './listen.ts';
import { Metrics } from './metrics.ts';
import { RequestLog } from './request-log.ts';
import type { RunningState } from './running-state.ts';
import { answerStatusPage, sendText } from './status-pages.ts';

/** A redirector that answers. */
export interface RunningRedirector {
  readonly port: number;
  /** Null without a second port. */
  readonly metricsPort: number | null;
  /** Goes on under other settings; what is remembered stays. Addresses and limits stay those of the start. */
  reload(settings: Settings): void;
  /** Counts a configuration that was not taken. */
  refuseReload(): void;
  /** Becomes unready, ends requests under way, then everything. */
  stop(): Promise<void>;
}

const now = (): number => performance.now();

/** What a redirector works with beside its settings. */
export interface RedirectorPorts {
  /** Takes lines of the log. */
  readonly writeLog: (text: string) => void;
  /** Asks registries. Default: HTTP, with connections of its own. */
  readonly openProbe?: (onAnswer: AnswerListener) => HttpProbe;
}

/** Starts a redirector. Error: `REDIRECTOR_CANNOT_LISTEN`. */
export async function startRedirector(settings: Settings, ports: RedirectorPorts): Promise<RunningRedirector> {
  const redirector = new Redirector(settings, ports);
  try {
    await redirector.open();
  } catch (error) {
    await redirector.stop();
    throw error;
  }
  return redirector;
}

class Redirector implements RunningRedirector {
  readonly #settings: Settings;
  readonly #metrics: Metrics = new Metrics();
  readonly #log: RequestLog;
  readonly #probe: HttpProbe;
  readonly #state: RunningState;
  readonly #checks: CheckLoop;
  port: number = 0;
  metricsPort: number | null = null;
  #main: Server | null = null;
  #second: Server | null = null;
  #connections = 0;

  constructor(settings: Settings, { writeLog, openProbe = openHttpProbe }: RedirectorPorts) {
    this.#settings = settings;
    this.#log = new RequestLog(settings.logSample, writeLog);
    this.#probe = openProbe((backend, status, tookMs) => this.#metrics.countProbe(backend.name, status, tookMs));
    this.#state = { door: openDoor(settings, this.#probe), ranges: settings.ranges, isDraining: false };
    this.#checks = startCheckLoop(() => this.#state.door, this.#probe, now);
  }

  async open(): Promise<void> {
    const { listen: address, metricsListen, limits } = this.#settings;
    const answer = answerRequests({ state: this.#state, metrics: this.#metrics, log: this.#log });
    this.#main = await listen(address, { ...limits, idleTimeoutMs: idleTimeoutMs(this.#settings) }, answer);
    this.port = portOf(this.#main);
    this.#main.on('connection', (socket) => {
      this.#connections += 1;
      socket.once('close', () => (this.#connections -= 1));
    });
    if (metricsListen === null) return;
    this.#second = await listen(metricsListen, limits, this.#answerOperators());
    this.metricsPort = portOf(this.#second);
  }

  reload(settings: Settings): void {
    this.#state.door = openDoor(settings, this.#probe, this.#state.door);
    this.#state.ranges = settings.ranges;
    this.#log.sample = settings.logSample;
    this.#metrics.countReload('taken');
  }

  refuseReload(): void {
    this.#metrics.countReload('refused');
  }

  async stop(): Promise<void> {
    this.#state.isDraining = true;
    const { drainMs } = this.#settings.limits;
    if (this.#main !== null) await drain(this.#main, drainMs);
    // The second port answers until there is nothing left to tell.
    if (this.#second !== null) await drain(this.#second, 0);
    this.#checks.stop();
    this.#log.flush();
    await this.#probe.close();
  }

  #answerOperators(): RequestListener {
    return (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      if (answerStatusPage(path, response, this.#state)) return;
      if (path !== '/metrics') return sendText(response, { status: 404, text: 'not found\n' });
      const page = this.#metrics.print(this.#state.door, this.#connections);
      sendText(response, { status: 200, text: page, type: 'text/plain; version=0.0.4' });
    };
  }
}

function openDoor({ policy }: Settings, probe: HttpProbe, previous?: FrontDoor): FrontDoor {
  const timeoutMs = policy.probe?.timeoutMs ?? 0;
  return new FrontDoor({
    policy,
    key: crypto.getRandomValues(new Uint32Array(4)),
    probe: (question) => probe.probe(question, timeoutMs),
    now,
    ...(previous === undefined ? {} : { previous }),
  });
}

/** Whoever waits for the answers of two registries, the most that a request asks, is silent for that long and not idle. */
function idleTimeoutMs({ limits, policy }: Settings): number {
  return Math.max(limits.idleTimeoutMs, 3 * (policy.probe?.timeoutMs ?? 0));
}
