// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pemFiles, signingConfig, trustedRoot, type TrustParts } from './trust-documents.ts';
import { certificatePem } from './certificate.ts';
import { tufRepository } from './tuf-repository.ts';

/** Absolute paths of the files that clients are configured with. */
export interface TrustFiles {
  readonly trustedRoot: string;
  /** Writes to Rekor v1 and the time-stamping authority. */
  readonly signingConfig: string;
  /** Writes to Rekor v2 and the time-stamping authority. */
  readonly signingConfigRekorV2: string;
  /** The `root.json` to initialise TUF clients with. */
  readonly tufRoot: string;
  /** For `SIGSTORE_ROOT_FILE`, intermediate in front. */
  readonly fulcioChain: string;
  /** For `SIGSTORE_REKOR_PUBLIC_KEY`. */
  readonly rekorPublicKey: string;
  /** For `SIGSTORE_CT_LOG_PUBLIC_KEY_FILE`. */
  readonly ctLogPublicKey: string;
  /** For `SIGSTORE_TSA_CERTIFICATE_FILE`, leaf in front. */
  readonly tsaChain: string;
}

/** What stands in the directory, and the TUF repository by path below its URL. */
export interface TrustDirectory {
  readonly files: TrustFiles;
  readonly tuf: ReadonlyMap<string, Buffer>;
}

/** Writes all trust files and the TUF repository (`tuf/`) into the directory. */
export function writeTrustDirectory(dir: string, parts: TrustParts, tufExpires: Date): TrustDirectory {
  const write = (name: string, content: string | Buffer): string => {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const [root, config, configV2] = [trustedRoot(parts), signingConfig(parts, 1), signingConfig(parts, 2)].map(
    (document) => `${JSON.stringify(document, null, 2)}\n`,
  ) as [string, string, string];
  const pem = pemFiles(parts);
  const [tsaLeaf = '', tsaRoot = ''] = parts.timestamps.chain.map(certificatePem);
  const tuf = tufRepository(
    {
      'trusted_root.json': { content: root },
      'signing_config.v0.2.json': { content: config },
      'signing_config_rekor_v2.v0.2.json': { content: configV2 },
      'fulcio_v1.crt.pem': { content: pem['fulcio_root.pem'], usage: 'Fulcio' },
      'fulcio_intermediate_v1.crt.pem': { content: pem['fulcio_intermediate.pem'], usage: 'Fulcio' },
      'rekor.pub': { content: pem['rekor.pub'], usage: 'Rekor' },
      'ctfe.pub': { content: pem['ctfe.pub'], usage: 'CTFE' },
      'tsa_leaf.crt.pem': { content: tsaLeaf, usage: 'TSA' },
      'tsa_root.crt.pem': { content: tsaRoot, usage: 'TSA' },
    },
    tufExpires,
  );
  for (const [path, content] of tuf) write(join('tuf', path), content);
  const files = {
    trustedRoot: write('trusted_root.json', root),
    signingConfig: write('signing_config.json', config),
    signingConfigRekorV2: write('signing_config_rekor_v2.json', configV2),
    tufRoot: join(dir, 'tuf', 'root.json'),
    fulcioChain: write('fulcio_chain.pem', pem['fulcio_intermediate.pem'] + pem['fulcio_root.pem']),
    rekorPublicKey: write('rekor.pub', pem['rekor.pub']),
    ctLogPublicKey: write('ctfe.pub', pem['ctfe.pub']),
    tsaChain: write('tsa_chain.pem', pem['tsa_chain.pem']),
  };
  return { files, tuf };
}
