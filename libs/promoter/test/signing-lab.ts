// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BuiltImage,
  DEFAULT_SIGNER_EMAIL,
  pushImage,
  type RunningRegistry,
  type RunningSigstore,
  startSigstore,
} from '@promograph/devstack';
import type { Session, SessionOptions } from '../src/index.ts';
import { Lab } from './lab.ts';

/** A lab with a sigstore of its own, whose default signer signs at the first production registry. */
export class SigningLab extends Lab {
  #sigstore: RunningSigstore | null = null;

  get sigstore(): RunningSigstore {
    if (this.#sigstore === null) throw new Error('the sigstore was not started');
    return this.#sigstore;
  }

  async startSigstore(options: Parameters<typeof startSigstore>[0] = {}): Promise<RunningSigstore> {
    const dir = join(this.dir, 'sigstore');
    mkdirSync(dir, { recursive: true });
    this.#sigstore = await startSigstore({ dir, ...options });
    return this.#sigstore;
  }

  /** A sigstore, a staging registry that holds the image, and a production registry that a project gives it to as `v1`. */
  async startWith(
    name: string,
    image: BuiltImage,
  ): Promise<{ readonly staging: RunningRegistry; readonly canonical: RunningRegistry }> {
    await this.startSigstore();
    const [staging, canonical] = [await this.start(), await this.start()];
    await pushImage({ url: staging.url, repository: `staging/${name}`, image });
    this.project(name, [staging, canonical], { [name]: { [image.manifest.digest]: ['v1'] } });
    return { staging, canonical };
  }

  /** Writes `promograph.yaml`; `more` is appended as it is, `signing` goes below `signing:`, `subject` is who signs. */
  configure(
    { host }: RunningRegistry,
    {
      signing = '',
      more = '',
      subject = DEFAULT_SIGNER_EMAIL,
    }: { signing?: string; more?: string; subject?: string } = {},
  ): void {
    const { files, url } = this.sigstore;
    const text = `apiVersion: promograph/v1
signing:
  identity: { subject: "${subject}", issuer: "${url}" }
  token: env
  canonical: "${host}/prod"
  references: [ { contains: "${host}/prod", to: images.example.org } ]
  config: "${files.signingConfig}"
  trustedRoots: [ "${files.trustedRoot}" ]
${signing}${more}`;
    writeFileSync(join(this.tree, 'promograph.yaml'), text);
  }

  override session(options: Partial<SessionOptions> = {}): Promise<Session> {
    const env = { XDG_STATE_HOME: join(this.dir, 'state'), SIGSTORE_ID_TOKEN: this.sigstore.token() };
    return super.session({ env, ...options });
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#sigstore?.close();
  }
}
