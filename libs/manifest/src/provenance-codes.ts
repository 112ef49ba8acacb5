// SPDX-License-Identifier: Apache-2.0
import type { FindingExplanation } from './finding-codes.ts';

/** Codes about the `provenance` section of a promoter manifest. */
export const PROVENANCE_CODES = {
  'provenance-mode-invalid': {
    title: 'The provenance mode is unknown',
    cause: '`mode` is `off`, `warn` or `require`.',
    remedy: 'Write one of the three.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-incomplete': {
    title: 'An enabled provenance policy lacks a part',
    cause: 'With mode `warn` or `require` at least one signer, one builder and one source must be named.',
    remedy: 'Add the missing list, or set `mode: off`.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-signer-invalid': {
    title: 'A provenance signer is malformed',
    cause:
      'A signer is `sigstore::<issuer>::<identity>` or `sigstore(identityMatch=regex)::<issuer>::<regexp>`, both parts present.',
    remedy: 'Correct the signer.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-builder-invalid': {
    title: 'A provenance builder is malformed',
    cause: 'A builder is a mapping with a non-empty `id` and a `level` between 1 and 3.',
    remedy: 'Write `{id: https://..., level: 3}`.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-builder-repeated': {
    title: 'A provenance builder is named twice',
    cause: 'Two entries have the same id, so its level would depend on their order.',
    remedy: 'Merge the entries.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-builder-overlap': {
    title: 'Two provenance builders overlap and only one names signers',
    cause:
      'An id without `@` covers every `id@ref`; where only one of the two is bound to signers, the binding could be evaded.',
    remedy: 'Name signers on both or on neither.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-builder-signer-unknown': {
    title: 'A builder names a signer that the policy does not',
    cause: "A builder's `signers` must be entries of the policy's `signers`, verbatim.",
    remedy: 'Add the signer to the policy or correct it here.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-caller-invalid': {
    title: 'A caller constraint is malformed',
    cause:
      '`caller` needs `refs` (patterns beginning with `refs/`); `workflows` are clean paths below `.github/workflows/`; `events` cannot be verified.',
    remedy: 'Correct the constraint.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-source-invalid': {
    title: 'A provenance source is malformed',
    cause: 'A source is `host/organisation/repository` without a ref.',
    remedy: 'Delete the part from `@` on.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-predicate-invalid': {
    title: 'A predicate type is blank',
    cause: 'Every entry of `predicateTypes` names a predicate type.',
    remedy: 'Write the type, a URI, or delete the entry.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-level-invalid': {
    title: 'A provenance level is out of range',
    cause: 'A required level is 2 or 3 (0 or nothing at the policy itself: all applicable controls).',
    remedy: 'Write 2 or 3.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-level-unreachable': {
    title: 'No builder can reach the required level',
    cause: 'For every signer, the lowest level of the builders that it may claim is below what is required.',
    remedy: 'Lower the level, or bind signers to the stronger builders.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-pattern-invalid': {
    title: 'An image pattern of the provenance levels is malformed',
    cause: 'Patterns are not blank, neither begin nor end with `/`, and follow the syntax `*`, `?`, `[a-z]`.',
    remedy: 'Correct the pattern; it is relative to the source registry.',
    severity: 'error',
    isFatal: true,
  },
  'provenance-pattern-unmatched': {
    title: 'An image pattern matches no image',
    cause: 'The project names no image that the pattern matches, perhaps because it was renamed.',
    remedy: 'Correct or delete the pattern.',
    severity: 'warning',
    isFatal: false,
  },
  'provenance-unused': {
    title: 'A provenance policy that is off has content',
    cause: 'With mode `off` nothing of it is enforced.',
    remedy: 'Set `mode: warn` or `require`, or delete the section.',
    severity: 'warning',
    isFatal: false,
  },
  'provenance-conflict': {
    title: 'Two projects demand different provenance of one source registry',
    cause: 'Policies apply to the source registry, so projects that share one must declare equal policies.',
    remedy: 'Write the same policy in both manifests.',
    severity: 'error',
    isFatal: true,
  },
} as const satisfies Record<string, FindingExplanation>;
