// SPDX-License-Identifier: Apache-2.0
import { count } from './measures.ts';

/** A part of a Markdown report that still reads well with rows taken out: `open` and `close` frame every run of rows. */
export interface MarkdownSection {
  readonly open: string;
  readonly rows: readonly string[];
  readonly close: string;
}

/** A Markdown report in parts, each ending with a newline. */
export interface MarkdownParts {
  /** Counts, and whatever must never be cut. */
  readonly head: string;
  readonly sections: readonly MarkdownSection[];
  /** The next command. */
  readonly foot: string;
  /** Where the whole report is, as a sentence. */
  readonly whole: string;
}

/** A comment on GitHub may have 65,536 characters; the default leaves room for what a workflow puts around it. */
export const DEFAULT_BUDGET_CHARS = 60_000;

/** The beginning gets two thirds of the room: what needs a decision stands there. */
const FRONT_SHARE = 2 / 3;

/**
 * The report in at most `budgetChars` characters (UTF-16 code units): when it is longer, rows are taken out of the
 * middle and a line says how many. Head, foot and that line are always whole.
 */
export function fitMarkdown(parts: MarkdownParts, budgetChars: number = DEFAULT_BUDGET_CHARS): string {
  const sections = parts.sections.filter(({ rows }) => rows.length > 0);
  const total = sections.reduce((sum, { rows }) => sum + rows.length, 0);
  const body = sections.map((section) => printSection(section, section.rows)).join('');
  if (parts.head.length + body.length + parts.foot.length <= budgetChars) return parts.head + body + parts.foot;
  const room = budgetChars - parts.head.length - parts.foot.length - notice(total, parts.whole, budgetChars).length;
  // Both ends together never reach every row: the whole did not fit even without the notice.
  const front = take(sections, room * FRONT_SHARE);
  const reversed = sections.map((section) => ({ ...section, rows: section.rows.toReversed() })).toReversed();
  const back = take(reversed, room - front.chars);
  const dropped = notice(total - front.rows - back.rows, parts.whole, budgetChars);
  const tail = back.kept.toReversed().map((section) => ({ ...section, rows: section.rows.toReversed() }));
  return [parts.head, ...front.kept.map(printWhole), dropped, ...tail.map(printWhole), parts.foot].join('');
}

interface Taken {
  readonly kept: readonly MarkdownSection[];
  readonly rows: number;
  readonly chars: number;
}

/** The first rows that fit into `room` characters with their frames. */
function take(sections: readonly MarkdownSection[], room: number): Taken {
  const kept: MarkdownSection[] = [];
  let rows = 0;
  let chars = 0;
  for (const section of sections) {
    let used = chars + section.open.length + section.close.length;
    const own: string[] = [];
    for (const text of section.rows) {
      if (used + text.length > room) break;
      own.push(text);
      used += text.length;
    }
    if (own.length === 0) break;
    kept.push({ ...section, rows: own });
    rows += own.length;
    chars = used;
    if (own.length < section.rows.length) break;
  }
  return { kept, rows, chars };
}

function notice(rows: number, whole: string, budgetChars: number): string {
  return `\n_… ${count(rows, 'row')} left out here to stay within ${budgetChars} characters. ${whole}_\n\n`;
}

function printSection(section: MarkdownSection, rows: readonly string[]): string {
  return section.open + rows.join('') + section.close;
}

function printWhole(section: MarkdownSection): string {
  return printSection(section, section.rows);
}
