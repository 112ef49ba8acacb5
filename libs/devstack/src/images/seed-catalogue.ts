// SPDX-License-Identifier: Apache-2.0
import { buildImage, buildIndex } from './build-image.ts';
import type { BuiltImage } from './built-image.ts';
import { storedGzip } from './stored-gzip.ts';
import { writeTar } from './tar-writer.ts';

/** A small real image with fixed bytes, and where it belongs. */
export interface SeedImage {
  readonly project: string;
  /** Below the project's repository. */
  readonly name: string;
  readonly tags: readonly string[];
  readonly image: BuiltImage;
}

const VERSIONS = ['v1.0.0', 'v1.1.0'];

/**
 * The images of the demo: `web/frontend` (single platform, two versions), `tools/toolbox` (index of linux/amd64 and
 * linux/arm64 under two tags), `charts/web` (Helm chart) and `tools/builder` (no tag). Digests never change: uncompressed
 * layers, time 0.
 */
export function seedCatalogue(): SeedImage[] {
  const toolbox = buildIndex({
    images: ['linux/amd64', 'linux/arm64'].map((platform) => program('toolbox', platform)),
  });
  return [
    ...VERSIONS.map((version) => ({ project: 'web', name: 'frontend', tags: [version], image: frontend(version) })),
    { project: 'tools', name: 'toolbox', tags: ['v2.3.0', 'v2.3'], image: toolbox },
    { project: 'tools', name: 'builder', tags: [], image: program('builder', 'linux/amd64') },
    { project: 'charts', name: 'web', tags: ['1.1.0'], image: helmChart('web', '1.1.0') },
  ];
}

function frontend(version: string): BuiltImage {
  const base = { files: [{ path: 'etc/os-release', content: 'ID=demo\nNAME="Demo base"\n' }] };
  const page = { path: 'srv/www/index.html', content: `<!doctype html><title>frontend ${version}</title>\n` };
  return buildImage({ layers: [base, { files: [page] }] });
}

function program(name: string, platform: string): BuiltImage {
  const script = `#!/bin/sh\necho "${name} for ${platform}"\n`;
  return buildImage({ platform, layers: [{ files: [{ path: `usr/bin/${name}`, content: script, mode: 0o755 }] }] });
}

/** A chart as `helm push` stores it: the metadata as config, the packed chart as the only layer. */
function helmChart(name: string, version: string): BuiltImage {
  const metadata = { apiVersion: 'v2', name, version, description: `Chart of ${name}`, type: 'application' };
  const yaml = Object.entries(metadata).map(([key, value]) => `${key}: ${value}\n`);
  const template = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n';
  const chart = writeTar([
    { path: `${name}/Chart.yaml`, content: yaml.join('') },
    { path: `${name}/templates/configmap.yaml`, content: template },
  ]);
  return buildImage({
    config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', bytes: Buffer.from(JSON.stringify(metadata)) },
    layers: [{ bytes: storedGzip(chart), mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip' }],
    annotations: { 'org.opencontainers.image.title': name, 'org.opencontainers.image.version': version },
  });
}
