// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { PRODUCTION } from '../tools/scripts/demo/demo-registries.ts';
import { requirePeer } from './support/peer-programs.ts';
import { openDemoWorld } from '../tools/scripts/demo/demo-world.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const DEMO_LIMIT_MS = 120_000;

/** Runs a program of the repository with this Node; an exit code is an answer, not an exception. */
async function runNode(args: readonly string[], place: { cwd?: string; stateHome?: string; programs?: string } = {}) {
  const { cwd = repository, stateHome, programs } = place;
  const env = {
    ...(stateHome !== undefined && { XDG_STATE_HOME: stateHome }),
    ...(programs !== undefined && { PATH: `${programs}:${process.env['PATH'] ?? ''}` }),
  };
  return execa(process.execPath, [...args], { cwd, env, reject: false, timeout: DEMO_LIMIT_MS });
}

/** A directory in which cosign is found under its own name. */
function withCosign(): string {
  const directory = mkdtempSync(join(tmpdir(), 'promograph-cosign-'));
  symlinkSync(requirePeer('cosign3'), join(directory, 'cosign'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function scratchDirectories(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('promograph-demo-'));
}

describe('npm run demo', () => {
  it('promotes the worked tree, proves every step, and leaves nothing behind', async () => {
    const before = scratchDirectories();

    const programs = withCosign();
    const { exitCode, stdout, stderr } = await runNode(['tools/scripts/demo.ts'], { programs });

    expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toContain('3 of 3 plans came from the cache of Nx');
    expect(stdout.match(/every hash as promised/g)).toHaveLength(PRODUCTION.length + 1);
    expect(stdout).toContain('cosign verifies all 5 images');
    expect(stdout).toContain('every tag resolves to its digest there, and every signature and record is found');
    expect(scratchDirectories()).toEqual(before);
    for (const { port } of PRODUCTION)
      await expect(fetch(`http://localhost:${port}/v2/`)).rejects.toThrow('fetch failed');
  });

  it('says in one line which port is taken', async () => {
    const port = PRODUCTION[1]?.port ?? 0;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');

    const { exitCode, stderr } = await runNode(['tools/scripts/demo.ts']);

    server.close();
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`^demo: port ${port}, .* is taken by another program \\(another demo\\?\\)$`));
  });
});

describe('the tour of the README', () => {
  const tree = mkdtempSync(join(tmpdir(), 'promograph-readme-'));
  afterEach(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  it('shows what the program prints', async () => {
    await using world = await openDemoWorld(repository);
    for (const part of ['manifests', 'images', 'promograph.yaml', '.demo']) {
      cpSync(join(repository, part), join(tree, part), { recursive: true });
    }
    const steps = [
      ...readFileSync(join(repository, 'README.md'), 'utf8').matchAll(/^```\n\$ npx promograph (.*)\n([^]*?)```$/gm),
    ];
    expect(steps.map(([, command]) => command)).toEqual([
      'plan --project web',
      'run --project web --confirm',
      'plan --project web',
      'verify --project web',
      'plan --project web',
    ]);

    for (const [index, [, command = '', shown = '']] of steps.entries()) {
      if (index === steps.length - 1) exchangeTags(join(tree, 'images/web/images.yaml'));
      const program = join(repository, 'apps/cli/bin/promograph.js');
      const place = { cwd: tree, stateHome: world.scratchDir };
      const { stdout } = await runNode([program, ...command.split(' ')], place);
      // A step may leave lines out, and says where it does.
      let rest = stdout;
      for (const line of shown.split('\n').filter((each) => each.trim() !== '…')) {
        expect(rest, `promograph ${command}`).toContain(line);
        rest = rest.slice(rest.indexOf(line) + line.length);
      }
    }
  });
});

function exchangeTags(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(
    file,
    text.replace(/'(v1\.[01]\.0)'/g, (_, tag) => (tag === 'v1.0.0' ? "'v1.1.0'" : "'v1.0.0'")),
  );
}
