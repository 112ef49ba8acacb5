// SPDX-License-Identifier: Apache-2.0
import {
  decide,
  type FrontRequest,
  type Knowledge,
  parseRequest,
  placeClient,
  type Presence,
  type RequestForm,
} from '@promograph/redirect';
import type { Settings } from '../config/settings.ts';

/** A request to be explained. */
export interface ExplainedRequest {
  readonly method: string;
  /** Path with its query. */
  readonly target: string;
  /** Address of the client; '' for an unknown one. */
  readonly client: string;
  /** Value of the header that names the region. */
  readonly header: string | undefined;
}

const ANSWERS: readonly (readonly [Presence, string])[] = [
  ['present', 'it has it'],
  ['absent', 'it does not'],
  ['failed', 'it does not tell in time'],
];
/** Only manifests by digest go to the canonical registry unasked. */
const TOO_MUCH = 'the client asks too much';

/** Says what happens to a request and why, for every answer that registries could give. Asks nobody. */
export function explain(settings: Settings, explained: ExplainedRequest): string {
  const [path = '', ...rest] = explained.target.split('?');
  const { placement } = settings.policy;
  const { region, label } = placeClient(
    { address: explained.client, header: explained.header },
    placement,
    settings.ranges,
  );
  const request = { method: explained.method, path, query: rest.join('?'), region, label };
  const form = parseRequest(request.method, path);
  const parts = 'repository' in form ? `, repository ${form.repository}, reference ${form.reference || 'none'}` : '';
  return [
    `${request.method} ${explained.target}`,
    `request: ${form.kind}${parts}`,
    `region: ${region}${label === null ? '' : ` (address in ${label})`}`,
    ...standIns(settings, region, form),
    ...outcomes({ settings, request, known: new Map() }, ''),
    '',
  ].join('\n');
}

function standIns({ policy }: Settings, region: string, form: RequestForm): readonly string[] {
  const [, ...others] = policy.regions.get(region)?.registries ?? [];
  if (!('repository' in form) || others.length === 0) return [];
  return [`while its registry fails: ${others.map(({ name }) => name).join(', ')}`];
}

interface Case {
  readonly settings: Settings;
  readonly request: FrontRequest;
  readonly known: ReadonlyMap<string, Presence>;
}

function outcomes({ settings, request, known }: Case, indent: string): readonly string[] {
  const knowledge: Knowledge = { isHealthy: () => true, presence: ({ url }) => known.get(url) ?? 'unknown' };
  const decision = decide(request, settings.policy, knowledge);
  if (decision.kind === 'answer')
    return [`${indent}${decision.status} ${decision.code} (${decision.reason})`.trimEnd()];
  if (decision.kind === 'redirect') return [`${indent}307 ${decision.location} (${decision.reason})`];
  const { backend, kind, url } = decision.question;
  const tooMuch = [kind === 'manifest-by-digest' ? 'overflow' : 'refused', TOO_MUCH] as const;
  // Answers that lead to the same are told together.
  const meaningsByOutcome = new Map<string, string[]>();
  for (const [presence, meaning] of [...ANSWERS, tooMuch]) {
    const lines = outcomes({ settings, request, known: new Map([...known, [url, presence]]) }, `${indent}    `);
    const meanings = meaningsByOutcome.get(lines.join('\n')) ?? [];
    meaningsByOutcome.set(lines.join('\n'), [...meanings, meaning]);
  }
  const branches = [...meaningsByOutcome].flatMap(([text, meanings]) => [`${indent}  ${meanings.join('; ')}:`, text]);
  return [`${indent}asks ${backend.name}: HEAD ${url}`, ...branches];
}
