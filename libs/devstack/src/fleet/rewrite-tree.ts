// SPDX-License-Identifier: Apache-2.0
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tree and where its hosts now are. */
export interface RewriteOptions {
  readonly treeDir: string;
  readonly outDir: string;
  /** New host by old host. */
  readonly hosts: Readonly<Record<string, string>>;
  /** How the new hosts list. */
  readonly listing: 'google' | 'plain';
}

const NAME_LINE = /^(\s*(?:-\s+)?name:\s*["']?)([^/"'\s]+)(?=\/)/gm;

/**
 * Copies the tree with the registry hosts replaced, all other bytes as they are. `promograph.yaml` is rewritten where
 * there is one, otherwise made: the new hosts speak plain HTTP and list as they do.
 */
export function rewriteTree({ treeDir, outDir, hosts, listing }: RewriteOptions): void {
  mkdirSync(outDir, { recursive: true });
  for (const entry of readdirSync(treeDir)) {
    const from = join(treeDir, entry);
    if (entry === 'images') cpSync(from, join(outDir, entry), { recursive: true });
    else if (entry === 'promograph-baseline.yaml') cpSync(from, join(outDir, entry));
  }
  for (const project of readdirSync(join(treeDir, 'manifests'))) {
    const from = join(treeDir, 'manifests', project);
    if (statSync(from).isDirectory()) rewriteProject(from, join(outDir, 'manifests', project), hosts);
  }
  const config = join(treeDir, 'promograph.yaml');
  const text = existsSync(config) ? replaceHosts(readFileSync(config, 'utf8'), hosts) : newConfig(hosts, listing);
  writeFileSync(join(outDir, 'promograph.yaml'), text);
}

function rewriteProject(from: string, to: string, hosts: RewriteOptions['hosts']): void {
  cpSync(from, to, { recursive: true });
  const manifest = join(from, 'promoter-manifest.yaml');
  if (!existsSync(manifest)) return;
  const text = readFileSync(manifest, 'utf8').replace(NAME_LINE, (line, head: string, host: string) => {
    const replacement = hosts[host];
    return replacement === undefined ? line : head + replacement;
  });
  writeFileSync(join(to, 'promoter-manifest.yaml'), text);
}

function newConfig(hosts: RewriteOptions['hosts'], listing: RewriteOptions['listing']): string {
  const style = listing === 'google' ? 'google' : 'oci';
  const entries = Object.values(hosts).map((host) => `  "${host}":\n    plainHttp: true\n    listing: ${style}\n`);
  return `apiVersion: promograph/v1\nregistries:\n${entries.join('')}`;
}

/** Longest names first, so that `us.gcr.io` is not taken for `gcr.io`; a host ends where no name character follows. */
function replaceHosts(text: string, hosts: RewriteOptions['hosts']): string {
  const names = Object.keys(hosts).sort((a, b) => b.length - a.length);
  if (names.length === 0) return text;
  const pattern = names.map((name) => name.replaceAll('.', '\\.')).join('|');
  return text.replace(new RegExp(`(?<![\\w.-])(?:${pattern})(?![\\w.-]|:\\d)`, 'g'), (name) => hosts[name] ?? name);
}
