// SPDX-License-Identifier: Apache-2.0

/** A registry of the demo, as the committed tree names it. */
export interface DemoRegistry {
  readonly name: string;
  readonly port: number;
  /** What is in front of `<project>/<image>`. */
  readonly prefix: string;
}

/** Where builds are pushed to. Ports are fixed because manifests/ names them. */
export const STAGING: DemoRegistry = { name: 'staging', port: 25_100, prefix: 'staging' };

/** Where users pull from: three mirrors. */
export const PRODUCTION: readonly DemoRegistry[] = [
  { name: 'production 1', port: 25_101, prefix: 'prod' },
  { name: 'production 2', port: 25_102, prefix: 'prod' },
  { name: 'production 3', port: 25_103, prefix: 'prod' },
];

/** The sigstore that signs: certificates, transparency log, timestamps. `promograph.yaml` names it. */
export const SIGSTORE_PORT = 25_110;

/** The one name that users pull from. `redirector.yaml` and `promograph.yaml` name it. */
export const FRONT_DOOR_PORT = 25_120;

/** Who signs, as `promograph.yaml` says. */
export const SIGNER = 'release@example.org';

/** The registry host that manifests write. */
export function hostOf(registry: DemoRegistry): string {
  return `localhost:${registry.port}`;
}
