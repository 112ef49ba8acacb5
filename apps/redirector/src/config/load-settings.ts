// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorMessage } from '@promograph/errors';
import { RangeTable, readCloudRanges, type RedirectConfig } from '@promograph/redirect';
import { RedirectorError } from '../redirector-error.ts';
import { environmentConfig } from './environment-config.ts';
import { parseConfig } from './parse-config.ts';
import { makeSettings, type Settings } from './settings.ts';

/** Where settings come from. */
export interface SettingsSource {
  /** Configuration file; undefined takes the environment's variables. */
  readonly configFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Region of this instance, over that of the configuration. */
  readonly region: string | undefined;
}

const LARGEST_CONFIG_BYTES = 4 * 1024 * 1024;
const LARGEST_RANGES_BYTES = 64 * 1024 * 1024;

/**
 * Reads settings from a file or from the environment. Errors: `REDIRECTOR_CONFIG_MISSING`, `REDIRECTOR_CONFIG_INVALID`,
 * `REDIRECTOR_FILE_UNREADABLE`, `REDIRECT_RANGES_INVALID`.
 */
export async function loadSettings(source: SettingsSource): Promise<Settings> {
  const config = withRegion(await readConfig(source), source.region);
  const rangesFile = config.client?.ranges;
  const ranges = rangesFile === undefined ? null : await readRanges(source.configFile ?? '', rangesFile);
  return makeSettings(config, ranges, source.env['PORT']);
}

/** Reads a text file. Error: `REDIRECTOR_FILE_UNREADABLE`. */
export async function readTextFile(file: string, mostBytes: number): Promise<string> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new RedirectorError('REDIRECTOR_FILE_UNREADABLE', `cannot read ${file}: ${errorMessage(cause)}`, { cause });
  });
  if (bytes.length > mostBytes) {
    throw new RedirectorError('REDIRECTOR_FILE_UNREADABLE', `${file} is larger than ${mostBytes} bytes`);
  }
  return bytes.toString('utf8');
}

async function readConfig({ configFile, env }: SettingsSource): Promise<RedirectConfig> {
  if (configFile !== undefined) return parseConfig(await readTextFile(configFile, LARGEST_CONFIG_BYTES), configFile);
  const config = environmentConfig(env);
  if (config !== null) return config;
  throw new RedirectorError('REDIRECTOR_CONFIG_MISSING', 'there is no configuration', {
    hint: 'Name a file with --config, or set UPSTREAM_REGISTRY_ENDPOINT.',
  });
}

function withRegion(config: RedirectConfig, region: string | undefined): RedirectConfig {
  if (region === undefined) return config;
  if (region !== 'canonical' && config.regions?.[region] === undefined) {
    throw new RedirectorError('REDIRECTOR_CONFIG_INVALID', `--region: there is no region ${region}`);
  }
  return { ...config, region };
}

async function readRanges(configFile: string, rangesFile: string): Promise<RangeTable> {
  const file = resolve(dirname(configFile), rangesFile);
  return new RangeTable(readCloudRanges(await readTextFile(file, LARGEST_RANGES_BYTES), file));
}
