// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import type { Limiter, Quota, TagLeaseStore } from '@promograph/limiter';
import type { PromographConfig, RegistryBudget } from '@promograph/manifest';
import {
  applicationDefaultTokens,
  createCopyEngine,
  createCredentialSource,
  createRegistryClient,
  profileOf,
  type CopyEngine,
  type GoogleTokenSource,
  GoogleTransport,
  type ProxySettings,
  type RegistryClient,
  type RegistryProfile,
} from '@promograph/registry';
import { openBudget } from './open-budget.ts';
import { PromoterError } from './promoter-error.ts';
import type { PromoterEvent } from './promoter-event.ts';

/** The adapters behind one session: everything of it that reaches a network. */
export interface Ports {
  readonly client: RegistryClient;
  readonly engine: CopyEngine;
  readonly leases: TagLeaseStore;
  /** The budget of every request: the signing services' as well. */
  readonly limiter: Limiter;
  readonly proxies: ProxySettings;
  /** Access tokens of Google's application default credentials, kept and renewed. */
  readonly googleToken: GoogleTokenSource;
  close(): Promise<void>;
}

/** What adapters are made from. */
export interface PortOptions {
  readonly root: string;
  readonly stateDir: string;
  readonly configFile: string | undefined;
  readonly config: PromographConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  readonly onEvent: (event: PromoterEvent) => void;
}

/** Makes client, copy engine and lease store. Connects to nothing yet. */
export function openPorts(options: PortOptions): Ports {
  const profileFor = profileLookup(options);
  const budget = openBudget(options, profileFor);
  const { limiter, leases } = budget;
  const proxies = proxiesOf(options.env);
  const google = new GoogleTransport({ limiter, proxies, env: options.env, onEvent: options.onEvent });
  const googleToken = applicationDefaultTokens(google);
  const credentials = createCredentialSource({ env: options.env, home: options.homeDir, googleToken });
  const client = createRegistryClient({
    limiter,
    profileFor,
    credentials,
    tokens: budget.tokens,
    proxies,
    onEvent: options.onEvent,
  });
  const spoolDir = join(options.stateDir, 'spool', String(process.pid));
  const ownMount = (host: string): boolean => profileFor(host.toLowerCase()).ownMount;
  const engine = createCopyEngine({ client, leases, spoolDir, ownMount });
  return {
    client,
    engine,
    leases,
    limiter,
    proxies,
    googleToken,
    close: async () => {
      await engine.close();
      await client.close();
      await google.close();
      await budget.close();
    },
  };
}

/** The proxies of the environment; lower-case names win, as in curl. */
function proxiesOf(env: PortOptions['env']): ProxySettings {
  const read = (name: string): string | undefined => env[name.toLowerCase()] || env[name] || undefined;
  const [httpProxy, httpsProxy, noProxy] = [read('HTTP_PROXY'), read('HTTPS_PROXY'), read('NO_PROXY')];
  return {
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

/** Profiles by host: built-in data under the configuration's `registries`, looked up once per host. */
function profileLookup({ config, root, configFile }: PortOptions): (host: string) => RegistryProfile {
  const base = configFile === undefined ? root : dirname(resolve(root, configFile));
  const overrides = Object.fromEntries(
    Object.entries(config.registries).map(([pattern, { caFile, budgets, ...settings }]) => [
      pattern,
      {
        ...settings,
        ...(budgets === undefined ? {} : { budgets: budgets.map(quotaOf) }),
        ...(caFile === undefined ? {} : { ca: readCa(resolve(base, caFile)) }),
      },
    ]),
  );
  const known = new Map<string, RegistryProfile>();
  return (host) => {
    const profile = known.get(host) ?? profileOf(host, overrides);
    known.set(host, profile);
    return profile;
  };
}

function quotaOf({ requests, seconds, actions }: RegistryBudget): Quota {
  return { requests, windowMs: seconds * 1000, actions: actions ?? null };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PromoterError('PROMOTER_INVALID_INPUT', `cannot read caFile ${file}: ${errorMessage(cause)}`, { cause });
  }
}
