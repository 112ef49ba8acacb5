// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { type PeerProgram, requirePeer } from './peer-programs.ts';

const LIMIT_MS = 60_000;

/** Runs a program of another project and returns what it printed. Throws with its complaint when it does not answer 0. */
export async function runPeer(program: PeerProgram, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(requirePeer(program), [...args], { timeout: LIMIT_MS, stripFinalNewline: false });
  return stdout;
}
