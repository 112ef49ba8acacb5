// SPDX-License-Identifier: Apache-2.0
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildImage, pushImage, type RunningRegistry } from '@promograph/devstack';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SigningLab } from './signing-lab.ts';

const [tool, other] = ['tool', 'other'].map((seed) => buildImage({ layers: [{ sizeBytes: 2000, seed }] }));
const digests = [tool, other].map((image) => image?.manifest.digest ?? '');

let lab: SigningLab;
let canonical: RunningRegistry;
let door: Server;
let via: string;
/** What the front door does with a path behind `/v2/`: another path, or the status of a refusal. */
let rewrite: (path: string) => string | number;

beforeEach(async () => {
  lab = new SigningLab();
  await lab.startSigstore();
  const staging = await lab.start();
  canonical = await lab.start();
  for (const [at, image] of [tool, other].entries()) {
    if (image !== undefined)
      await pushImage({ url: staging.url, repository: `staging/${['tool', 'other'][at]}`, image });
  }
  lab.project('tool', [staging, canonical], {
    tool: { [digests[0] ?? '']: ['v1'] },
    other: { [digests[1] ?? '']: [] },
  });
  lab.configure(canonical);
  await (await lab.session()).promote(undefined, { confirm: true, through: 'sign' });
  rewrite = (path) => path;
  door = createServer((request, response) => {
    const to = rewrite((request.url ?? '').slice('/v2/'.length));
    if (typeof to === 'number') response.writeHead(to).end();
    else response.writeHead(307, { location: `${canonical.url}/v2/prod/${to}` }).end();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  via = `127.0.0.1:${(door.address() as AddressInfo).port}`;
});
afterEach(async () => {
  door.closeAllConnections();
  await new Promise((resolve) => door.close(resolve));
  await lab.close();
});

/** Findings through the front door, without its host. */
async function findings(references?: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  const session = await lab.session();
  const { report } = await session.verify({ via, ...(references === undefined ? {} : { references }) });
  return report.findings.map(({ kind, repository, tags }) => [kind, repository.replace(`${via}/`, ''), ...tags]);
}

describe('verify through a front door', () => {
  it('finds nothing where tags, digests and signatures are as they were promoted', async () => {
    const asked: string[] = [];
    rewrite = (path) => {
      asked.push(path);
      return path;
    };

    expect(await findings()).toEqual([]);

    expect(asked).toContain('tool/manifests/v1');
    expect(asked).toContain(`other/manifests/${digests[1]}`);
  });

  it('sees a tag that leads elsewhere there', async () => {
    rewrite = (path) => (path === 'tool/manifests/v1' ? `other/manifests/${digests[1]}` : path);

    expect(await findings()).toEqual([['tampered', 'tool', 'v1']]);
  });

  it('sees that an image without tags is not there', async () => {
    rewrite = (path) => (path === `other/manifests/${digests[1]}` ? 404 : path);

    expect(await findings()).toEqual([['missing', 'other']]);
  });

  it('sees that signatures are not found there', async () => {
    rewrite = (path) => (/sha256-|referrers/.test(path) ? 404 : path);

    expect(await findings()).toEqual([
      ['unsigned', 'other'],
      ['unsigned', 'tool', 'v1'],
    ]);
  });

  it('goes on where one image cannot be read', async () => {
    rewrite = (path) => (path === `other/manifests/${digests[1]}` ? 403 : path);

    expect(await findings()).toEqual([['unreadable', 'other']]);
  });

  it('is an error where nobody is at that host', async () => {
    await new Promise((resolve) => door.close(resolve));

    await expect(findings()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  it('looks at references too', async () => {
    rewrite = (path) => (path === 'tool/manifests/v1' ? 404 : path);

    expect(await findings([`${canonical.host}/prod/tool:v1`])).toEqual([['missing', 'tool', 'v1']]);
  });
});
