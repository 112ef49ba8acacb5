// SPDX-License-Identifier: Apache-2.0
import type { MarkdownSection } from './fit-markdown.ts';
import { codeSpan, html, prose, row } from './markdown-text.ts';
import { shortDigest } from './printable.ts';
import type { TrustReceipt } from './sign-receipt.ts';
import { printTrustCounts, TRUST_SYMBOLS, trustCounts, trustNotes } from './trust-lines.ts';

/** What could not be signed or attested in one open table, then what was, folded per project and stage. */
export function trustSections(receipts: readonly TrustReceipt[]): readonly MarkdownSection[] {
  return [failedSection(receipts), ...receipts.map(doneSection)];
}

function failedSection(receipts: readonly TrustReceipt[]): MarkdownSection {
  const rows = receipts.flatMap(({ stage, digests }) =>
    digests
      .filter(({ outcome }) => outcome === 'failed')
      .map((entry) =>
        row(stage, codeSpan(entry.reference), codeSpan(entry.digest), trustNotes(entry).map(prose).join('<br>')),
      ),
  );
  const open = `### Not signed or attested\n\n${row('Stage', 'Image', 'Digest', 'Why')}${row('---', '---', '---', '---')}`;
  return { open, rows, close: '\n' };
}

function doneSection(receipt: TrustReceipt): MarkdownSection {
  const { stage, project, digests } = receipt;
  const title = `<code>${html(project)}</code>, ${stage}: ${html(printTrustCounts(stage, trustCounts([receipt])))}`;
  const rows = digests
    .filter(({ outcome }) => outcome !== 'present' && outcome !== 'failed')
    .map((entry) => {
      const written = (entry.written ?? []).map(({ layout, digest, log }) => {
        const index = log === undefined ? '' : `, log index ${log.logIndex}`;
        return `${layout} ${codeSpan(shortDigest(digest))}${index}`;
      });
      const symbol = codeSpan(TRUST_SYMBOLS[entry.outcome]);
      return row(symbol, codeSpan(entry.reference), codeSpan(shortDigest(entry.digest)), written.join('<br>'));
    });
  const open = `<details><summary>${title}</summary>\n\n${row('', 'Image', 'Digest', 'Written')}${row('---', '---', '---', '---')}`;
  return { open, rows, close: '\n</details>\n\n' };
}
