// SPDX-License-Identifier: Apache-2.0
import { redactText } from '@promograph/errors';
import type { FindingCode } from './finding-codes.ts';
import type { NodeReader } from './node-reader.ts';
import { locateValue } from './plain-value.ts';
import { re2Problem } from './re2-problem.ts';
import type { CheckedConfig } from './trust-settings-of.ts';
import type { YamlNode } from './yaml-node.ts';

type Path = readonly PropertyKey[];

/** Notes what the sections about signing, the gate and replication say that does not go together. */
export function noteTrustProblems(reader: NodeReader, root: YamlNode, checked: CheckedConfig): void {
  const notes = new TrustNotes(reader, root);
  noteSigning(notes, checked);
  noteToken(notes, checked);
  noteAttest(notes, checked);
  noteGate(notes, checked);
  const { signing, staging, scan } = checked;
  noteSigners(notes, ['signing', 'previousIdentities'], signing?.previousIdentities);
  noteSigners(notes, ['staging', 'identities'], staging?.identities);
  noteSigners(notes, ['scan', 'identities'], scan?.identities);
}

class TrustNotes {
  readonly #reader: NodeReader;
  readonly #root: YamlNode;

  constructor(reader: NodeReader, root: YamlNode) {
    this.#reader = reader;
    this.#root = root;
  }

  /** Notes a problem with what stands at `path`; `value` defaults to its text. */
  add(code: FindingCode, path: Path, text: { readonly message: string; readonly hint?: string }): void {
    const place = locateValue(this.#root, path);
    const value = redactText(place.text === '' ? String(path.at(-1)) : place.text);
    this.#reader.findings.add(code, place.keyOffset, { ...text, value });
  }

  missing(section: Path, key: string, what: string): void {
    this.#reader.missingKey(key, locateValue(this.#root, section).keyOffset, what);
  }
}

function noteSigning(notes: TrustNotes, { signing, attest }: CheckedConfig): void {
  if (signing === undefined) return;
  const { identity, key, publicKey, token, account, formats } = signing;
  if (identity === undefined && key === undefined) {
    notes.add('signing-identity-missing', ['signing'], { message: 'signing names neither an identity nor a key' });
  }
  if (identity !== undefined && key !== undefined) {
    notes.add('signing-conflict', ['signing', 'key'], { message: 'identity and key are both set; one of them signs' });
  }
  if (key !== undefined && identity === undefined && token !== undefined) {
    notes.add('signing-conflict', ['signing', 'token'], { message: 'a key needs no token' });
  }
  if (publicKey !== undefined && identity !== undefined && key === undefined) {
    notes.add('signing-conflict', ['signing', 'publicKey'], { message: 'publicKey is set without `key`' });
  }
  if (account !== undefined && token !== 'impersonate') {
    notes.add('signing-conflict', ['signing', 'account'], { message: 'account is set without `token: impersonate`' });
  }
  if (formats !== undefined && !formats.includes('bundle') && attest !== undefined) {
    const message = 'attestations are bundles, beside which `cosign verify` wants signatures as bundles too';
    notes.add('signing-formats', ['signing', 'formats'], { message });
  }
}

function noteToken(notes: TrustNotes, { signing }: CheckedConfig): void {
  if (signing === undefined) return;
  const { identity, key, token, tokenFile, account } = signing;
  if (identity !== undefined && key === undefined && token === undefined) {
    notes.missing(['signing'], 'token', 'signing with an identity');
  }
  if (token === 'impersonate' && account === undefined) {
    notes.missing(['signing', 'token'], 'account', 'token: impersonate');
  }
  if (tokenFile !== undefined && token !== 'file') {
    notes.add('signing-conflict', ['signing', 'tokenFile'], { message: 'tokenFile is set without `token: file`' });
  }
}

function noteAttest(notes: TrustNotes, { signing, attest }: CheckedConfig): void {
  if (attest === undefined) return;
  if (attest.summaries === 'on' && attest.verifierId === undefined) {
    notes.missing(['attest', 'summaries'], 'verifierId', 'attest with summaries');
  }
  const canImpersonate = signing?.token === 'impersonate';
  const isOther = attest.identity !== undefined && attest.identity.subject !== signing?.identity?.subject;
  if (isOther && !canImpersonate) {
    const message = 'another signer for summaries needs `token: impersonate` in signing, and account here';
    notes.add('signing-conflict', ['attest', 'identity'], { message });
  } else if (attest.account !== undefined && !canImpersonate) {
    const message = 'account is set without `token: impersonate` in signing';
    notes.add('signing-conflict', ['attest', 'account'], { message });
  } else if (isOther && attest.account === undefined) {
    notes.missing(['attest', 'identity'], 'account', 'attest with another identity');
  }
}

function noteGate(notes: TrustNotes, { staging, scan }: CheckedConfig): void {
  if (staging?.signatures === 'require' && (staging.identities ?? []).length === 0) {
    notes.missing(['staging', 'signatures'], 'identities', 'staging with `signatures: require`');
  }
  if (scan?.adapter === 'attestations' && (scan.identities ?? []).length === 0) {
    notes.missing(['scan', 'adapter'], 'identities', 'scan with `adapter: attestations`');
  }
}

type Signers = NonNullable<CheckedConfig['staging']>['identities'];

function noteSigners(notes: TrustNotes, path: Path, signers: Signers = []): void {
  for (const [index, { subject, issuer, key }] of signers.entries()) {
    const at = [...path, index];
    const isComplete = key === undefined ? subject !== undefined && issuer !== undefined : !subject && !issuer;
    if (!isComplete) {
      const message = `${path.join('.')}: a signer is either subject and issuer, or key`;
      notes.add('signer-incomplete', at, { message });
    }
    for (const [name, value] of Object.entries({ subject, issuer })) {
      if (typeof value !== 'object') continue;
      const problem = re2Problem(value.regexp);
      const message = `the regular expression is not one that RE2 takes: ${problem ?? ''}`;
      if (problem !== null) notes.add('regexp-invalid', [...at, name, 'regexp'], { message });
    }
  }
}
