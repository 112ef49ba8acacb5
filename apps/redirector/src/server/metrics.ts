// SPDX-License-Identifier: Apache-2.0
import type { FinalDecision, FrontDoor } from '@promograph/redirect';
import { RequestCounts } from './request-counts.ts';

/** Milliseconds; a probe inside a region takes about ten. */
const BUCKETS_MS = [5, 10, 25, 50, 100, 250, 500, 1000] as const;
const PREFIX = 'promograph_redirector_';

interface ProbeStatistics {
  readonly counts: number[];
  readonly outcomes: Map<string, number>;
  sumMs: number;
}

/** Counts of a process, printed in the text format of Prometheus. Labels come from configuration, never from clients. */
export class Metrics {
  readonly #requests: RequestCounts = new RequestCounts();
  readonly #probes: Map<string, ProbeStatistics> = new Map();
  readonly #reloads: Map<string, number> = new Map();

  countRequest(decision: FinalDecision, region: string): void {
    this.#requests.count(decision, region);
  }

  countProbe(backend: string, status: number | null, tookMs: number): void {
    let statistics = this.#probes.get(backend);
    if (statistics === undefined) {
      statistics = { counts: new Array<number>(BUCKETS_MS.length + 1).fill(0), outcomes: new Map(), sumMs: 0 };
      this.#probes.set(backend, statistics);
    }
    const at = BUCKETS_MS.findIndex((limit) => tookMs <= limit);
    const bucket = at < 0 ? BUCKETS_MS.length : at;
    statistics.counts[bucket] = (statistics.counts[bucket] ?? 0) + 1;
    statistics.sumMs += tookMs;
    const outcome = status === null ? 'none' : `${Math.floor(status / 100)}xx`;
    statistics.outcomes.set(outcome, (statistics.outcomes.get(outcome) ?? 0) + 1);
  }

  countReload(result: 'taken' | 'refused'): void {
    this.#reloads.set(result, (this.#reloads.get(result) ?? 0) + 1);
  }

  /** The page. `connections` are those of clients. */
  print(door: FrontDoor, connections: number): string {
    const { underWay, ...questions } = door.probes;
    const healthy = door.policy.backends.map(
      (backend) => [`backend="${backend.name}"`, door.health.isHealthy(backend) ? 1 : 0] as const,
    );
    return [
      family('requests_total', 'counter', this.#requests.samples()),
      ...this.#probeFamilies(),
      family('questions_total', 'counter', labelled('result', questions)),
      family('probes_under_way', 'gauge', [['', underWay]]),
      family('remembered_entries', 'gauge', labelled('table', door.remembered)),
      family('backend_healthy', 'gauge', healthy),
      family(
        'reloads_total',
        'counter',
        [...this.#reloads].map(([result, count]) => [`result="${result}"`, count]),
      ),
      family('connections', 'gauge', [['', connections]]),
      family('resident_memory_bytes', 'gauge', [['', process.memoryUsage.rss()]]),
    ].join('');
  }

  #probeFamilies(): readonly string[] {
    const outcomes: [string, number][] = [];
    const histogram: string[] = [];
    for (const [backend, { counts, outcomes: byOutcome, sumMs }] of this.#probes) {
      for (const [outcome, count] of byOutcome) outcomes.push([`backend="${backend}",answer="${outcome}"`, count]);
      let total = 0;
      for (const [at, count] of counts.entries()) {
        total += count;
        const limit = BUCKETS_MS[at] === undefined ? '+Inf' : String(BUCKETS_MS[at] / 1000);
        histogram.push(`${PREFIX}probe_seconds_bucket{backend="${backend}",le="${limit}"} ${total}\n`);
      }
      histogram.push(`${PREFIX}probe_seconds_sum{backend="${backend}"} ${sumMs / 1000}\n`);
      histogram.push(`${PREFIX}probe_seconds_count{backend="${backend}"} ${total}\n`);
    }
    const head = `# TYPE ${PREFIX}probe_seconds histogram\n`;
    return [family('probes_total', 'counter', outcomes), histogram.length === 0 ? '' : head + histogram.join('')];
  }
}

function labelled(name: string, counts: Readonly<Record<string, number>>): (readonly [string, number])[] {
  return Object.entries(counts).map(([value, count]) => [`${name}="${value}"`, count]);
}

function family(name: string, type: 'counter' | 'gauge', samples: readonly (readonly [string, number])[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => `${PREFIX}${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`);
  return `# TYPE ${PREFIX}${name} ${type}\n${lines.join('')}`;
}
