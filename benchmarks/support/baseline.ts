// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import type { BenchmarkLine } from './benchmark-line.ts';

/** A ratio that moved by more than this is told: less is noise on a shared machine. */
const TOLD_ABOVE = 0.25;

/** The lines of an earlier run, as `writeBaseline` left them. */
export function readBaseline(file: string): BenchmarkLine[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: BenchmarkLine[] }).cases;
}

/** Keeps the lines of a run for the next ones, with the shape of the machine that they were measured on. */
export function writeBaseline(file: string, cases: readonly BenchmarkLine[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const machine = {
    cores: cpus().length,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
  writeFileSync(file, `${JSON.stringify({ machine, cases }, null, 2)}\n`);
}

/** What is different, in words. Times of different machines say nothing to each other, so only ratios and counts are compared. */
export function compareWithBaseline(line: BenchmarkLine, baseline: readonly BenchmarkLine[]): string[] {
  const before = baseline.find((each) => each.case === line.case);
  if (before === undefined) return [];
  const ratios = changes(line.ratios, before.ratios, (now, then) => Math.abs(now / then - 1) > TOLD_ABOVE);
  return [...ratios, ...changes(line.counts, before.counts, (now, then) => now !== then)];
}

type Numbers = Readonly<Record<string, number>>;

function changes(now: Numbers, then: Numbers, isMoved: (now: number, then: number) => boolean): string[] {
  return Object.entries(now).flatMap(([name, value]) => {
    const earlier = then[name];
    return earlier !== undefined && isMoved(value, earlier) ? [`${name} ${earlier} -> ${value}`] : [];
  });
}
