// SPDX-License-Identifier: Apache-2.0
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import type { Digest } from '@promograph/oci';
import { runTask, type TaskRequest, type TaskResult } from '../src/index.ts';
import { Lab } from './lab.ts';

/** A project `web` that promotes one image, tagged `v1`, from a staging registry to another, and tasks that run on it. */
export class TaskLab extends Lab {
  readonly digest: Digest;
  readonly hosts: RunningRegistry[] = [];
  readonly #image = buildImage({ layers: [{ sizeBytes: 100, seed: 'task' }] });

  constructor() {
    super();
    this.digest = this.#image.manifest.digest;
  }

  async open(): Promise<void> {
    this.hosts.push(await this.start(), await this.start());
    await pushImage({ url: this.hosts[0]?.url ?? '', repository: 'staging/web', image: this.#image });
    this.project('web', this.hosts, { web: { [this.digest]: ['v1'] } });
  }

  /** In a session of its own, dry unless the request says otherwise. */
  async run(stage: TaskRequest['stage'], request: Partial<TaskRequest> = {}): Promise<TaskResult> {
    const session = await this.session();
    return runTask(session, { stage, project: 'web', confirm: false, failOn: ['invalid'], ...request });
  }
}
