// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { peerDirectory, requirePeer } from './peer-programs.ts';

/** The two generations of cosign that tests run. */
export type CosignProgram = 'cosign2' | 'cosign3';

/** What a run of cosign left behind. */
export interface CosignRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cosign with a home of its own, so that nothing of the user's trust or credentials plays a part. */
export interface Cosign {
  readonly program: CosignProgram;
  readonly home: string;
  /** Answers whatever the exit code is. */
  run(...args: readonly string[]): Promise<CosignRun>;
  /** Removes the home. */
  close(): Promise<void>;
}

const LIMIT_MS = 60_000;
const VERSIONS: Readonly<Record<CosignProgram, RegExp>> = { cosign2: /^2\.5\./, cosign3: /^3\.1\./ };

/** Opens a cosign. Throws when it is missing or of another version than 2.5 or 3.1: its verdicts would prove less. */
export async function openCosign(
  program: CosignProgram,
  environment: Readonly<Record<string, string>> = {},
): Promise<Cosign> {
  const path = requirePeer(program);
  const home = mkdtempSync(join(tmpdir(), `promograph-${program}-`));
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    TUF_ROOT: join(home, 'tuf'),
    COSIGN_PASSWORD: '',
    ...environment,
  };
  const run = async (...args: readonly string[]): Promise<CosignRun> => {
    const result = await execa(path, [...args], { env, extendEnv: false, reject: false, timeout: LIMIT_MS });
    return { exitCode: result.exitCode ?? 124, stdout: result.stdout, stderr: result.stderr };
  };
  const version = packagedVersion(program) ?? (await toldVersion(run));
  if (!VERSIONS[program].test(version)) throw new Error(`${program} is of version ${version}`);
  return {
    program,
    home,
    run,
    close: async () => {
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Debian's build tells `devel`: the version is in the name of the package that the tools were unpacked from. */
function packagedVersion(program: CosignProgram): string | null {
  if (!requirePeer(program).startsWith(peerDirectory())) return null;
  const major = program.slice(-1);
  const names = readdirSync(join(peerDirectory(), 'debs')).filter((name) => name.startsWith(`cosign_${major}`));
  const [, version] = names.at(-1)?.split('_') ?? [];
  return names.length === 1 ? (version ?? null) : null;
}

async function toldVersion(run: Cosign['run']): Promise<string> {
  const { stdout } = await run('version', '--json');
  const { gitVersion } = JSON.parse(stdout) as { readonly gitVersion: string };
  return gitVersion.replace(/^v/, '');
}
