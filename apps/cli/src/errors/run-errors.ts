// SPDX-License-Identifier: Apache-2.0
import type { LimiterErrorCode } from '@promograph/limiter';
import type { PromoterErrorCode } from '@promograph/promoter';
import type { ReportErrorCode } from '@promograph/report';
import type { ErrorExplanation } from './error-explanation.ts';

/** Errors that stop a whole run. */
export const PROMOTER_ERRORS: Readonly<Record<PromoterErrorCode, ErrorExplanation>> = {
  PROMOTER_NO_TREE: {
    outcome: 'input',
    title: 'There is no promotion tree',
    cause: 'No directory from here upwards holds `manifests`, or the directory that was named does not.',
    remedy: 'Name the tree with --manifests DIR, or a plain manifest with --manifest FILE.',
  },
  PROMOTER_UNKNOWN_PROJECT: {
    outcome: 'input',
    title: 'The tree has no such project',
    cause: 'A name given with --project is not a directory below `manifests`.',
    remedy: 'Check the spelling; the message names close ones.',
  },
  PROMOTER_INVALID_INPUT: {
    outcome: 'input',
    title: 'The manifests are invalid, so nothing is promoted',
    cause: 'A project has findings that are errors and not accepted by the baseline.',
    remedy: 'Run `promograph validate`, mend what it names, or accept old findings with `validate --write-baseline`.',
  },
  PROMOTER_NO_SNAPSHOT: {
    outcome: 'input',
    title: 'A plan was asked for from a snapshot that is not there',
    cause: 'The state directory has no usable `snapshot.json` of the project.',
    remedy: 'Run the snapshot stage first, or plan live with `promograph plan`.',
  },
  PROMOTER_LOCKED: {
    outcome: 'outside',
    title: 'Another process works on the project',
    cause: 'The lock in the state directory is held by the process that the message names, which is alive.',
    remedy: 'Wait for it, or end it; a lock dies with its process.',
  },
  PROMOTER_STALE_PLAN: {
    outcome: 'refused',
    title: 'The plan is stale',
    cause: 'What is missing now is not what the plan given with --plan says, so nothing was written.',
    remedy: 'Make a new plan, have it reviewed, and promote that.',
  },
  PROMOTER_INVALID_PLAN: {
    outcome: 'input',
    title: 'The file is not a plan',
    cause: 'The file given with --plan is not what `promograph plan --output json` prints, or of a newer major format.',
    remedy: 'Make the plan with this version: `promograph plan --output json > plan.json`.',
  },
  PROMOTER_GIT: {
    outcome: 'input',
    title: 'Git cannot answer',
    cause: 'The directory is in no git repository, the ref is not known to it, or the history is too shallow.',
    remedy: 'Check the ref, and fetch enough history (`fetch-depth: 0` in many CI systems).',
  },
  PROMOTER_STATE: {
    outcome: 'outside',
    title: 'The state directory cannot be used',
    cause: 'It cannot be created, read or written: permissions, or a full disk.',
    remedy: 'Name another with --state-dir, or free space.',
  },
  PROMOTER_NO_CATALOG: {
    outcome: 'input',
    title: 'The registry does not list its repositories',
    cause: 'The host has neither a Google-style listing nor `_catalog`, or keeps it from this account.',
    remedy: 'Name one repository, or use `snapshot --destination` with a tree.',
  },
  PROMOTER_STOPPED: {
    outcome: 'partial',
    title: 'The edge was not begun',
    cause: 'The run was interrupted, or --fail-fast ended it after an earlier failure.',
    remedy: 'Run again: what is done is found done.',
  },
  PROMOTER_HANDED_OVER: {
    outcome: 'done',
    title: 'The edge is copied, and a later stage writes its tag',
    cause: 'Signing or attesting of the same project is part of the run; the tag is the last thing written.',
    remedy: 'Nothing: the last stage of the run says what became of it.',
  },
  PROMOTER_UNREADABLE: {
    outcome: 'outside',
    title: 'A registry could not be read, so nothing is known of the edge',
    cause: 'The message names the repository and why it could not be read.',
    remedy: 'Mend that, then run again.',
  },
};

/** Errors of request budgets and tag leases. */
export const LIMITER_ERRORS: Readonly<Record<LimiterErrorCode, ErrorExplanation>> = {
  LIMITER_INVALID_CAP: {
    outcome: 'input',
    title: 'The request budget of a host makes no sense',
    cause: '`requestsPerSecond` must be a number above 0.',
    remedy: 'Correct it in promograph.yaml.',
  },
  LEASE_HELD: {
    outcome: 'outside',
    title: 'Another promoter is writing the same tag',
    cause: 'Its lease was not given up within its life.',
    remedy: 'Run again when the other one is done.',
  },
  STORE_UNREACHABLE: {
    outcome: 'outside',
    title: 'The shared store of budgets and leases cannot be reached',
    cause:
      '`limiter.store` names a server that does not answer, refuses the password, or answers against its protocol.',
    remedy: 'Check the address, the network and PROMOGRAPH_STORE_PASSWORD, then run again.',
  },
  LEASE_STORE_UNUSABLE: {
    outcome: 'outside',
    title: 'The store of budgets and leases cannot be used',
    cause: 'The file cannot be created, read or written.',
    remedy: 'Check `limiter.store` in promograph.yaml and the permissions of the directory.',
  },
};

/** Errors of reading artifacts. */
export const REPORT_ERRORS: Readonly<Record<ReportErrorCode, ErrorExplanation>> = {
  REPORT_INVALID_ARTIFACT: {
    outcome: 'input',
    title: 'A file is not the artifact that it should be',
    cause: 'It is no JSON, was cut short, or does not follow the published schema.',
    remedy: 'Make it again with this version of promograph.',
  },
  REPORT_FORMAT_VERSION: {
    outcome: 'input',
    title: 'An artifact was written in a newer format',
    cause: 'Its formatVersion has another major number than this version of promograph knows.',
    remedy: 'Use the version of promograph that wrote it, or make the artifact again.',
  },
};
