// SPDX-License-Identifier: Apache-2.0
import { isRegistryHost, isRepositoryPath } from '@promograph/oci';
import type { TextNode, YamlNode } from './yaml-node.ts';
import type { RegistryEntry } from './model.ts';
import { type Field, type MappingShape, type NodeReader, offsetOf } from './node-reader.ts';

const REGISTRY: MappingShape = { what: 'a registry', keys: ['name', 'service-account', 'src'] };

/** The registries of a manifest; `source` is null where a finding says why. */
export interface RegistryList {
  readonly source: RegistryEntry | null;
  readonly destinations: readonly RegistryEntry[];
}

/** A host name has at most 253 characters, a repository path 255. */
const MAX_NAME_LENGTH = 515;

/** Whether `text` is `host` or `host/prefix`, in lower case and with a possible port. */
function isRegistryName(text: string): boolean {
  if (text.length > MAX_NAME_LENGTH) return false;
  const slash = text.indexOf('/');
  const host = slash < 0 ? text : text.slice(0, slash);
  const port = Number(/:([0-9]+)$/.exec(host)?.[1] ?? '1');
  const isHost = isRegistryHost(host) && host === host.toLowerCase() && port >= 1 && port <= 65535;
  return isHost && (slash < 0 || isRepositoryPath(text.slice(slash + 1)));
}

/** Reads `registries:`; `at` is where the manifest starts, for what is missing. */
export function readRegistries(reader: NodeReader, field: Field | undefined, at: number): RegistryList {
  if (field === undefined) reader.missingKey('registries', at, 'a promoter manifest');
  const items = field === undefined ? null : reader.items(field.value, field.key.offset, 'registries');
  if (field === undefined || items === null) return { source: null, destinations: [] };
  const place = field.key.offset;
  if (items.length === 0) {
    reader.findings.add('empty-registries', place, { message: 'registries is empty', value: '' });
    return { source: null, destinations: [] };
  }
  const entries = items.map((item) => readRegistry(reader, item, place)).filter((entry) => entry !== null);
  return arrange(reader, entries, place);
}

interface PlacedEntry {
  readonly entry: RegistryEntry;
  readonly offset: number;
}

function readRegistry(reader: NodeReader, item: YamlNode | null, at: number): PlacedEntry | null {
  const fields = reader.fields(item, at, REGISTRY);
  if (fields === null) return null;
  const isSource = reader.boolean(fields.get('src'), 'src');
  const account = reader.text(fields.get('service-account'), 'service-account');
  const nameField = fields.get('name');
  if (nameField === undefined) reader.missingKey('name', offsetOf(item, at), 'a registry');
  const name = reader.text(nameField, 'name');
  if (name === null) return null;
  if (!isRegistryName(name.text)) noteInvalidName(reader, name);
  const position = reader.findings.source.position(name.offset);
  const entry = { name: name.text, isSource, serviceAccount: account?.text || null, at: position };
  return { entry, offset: name.offset };
}

function noteInvalidName(reader: NodeReader, name: TextNode): void {
  const finding = { message: `invalid registry: ${name.text}`, value: name.text };
  const hint = invalidNameHint(name.text);
  reader.findings.add('invalid-registry', name.offset, hint === null ? finding : { ...finding, hint });
}

function invalidNameHint(name: string): string | null {
  if (name === '') return 'Name the registry as host or host/prefix.';
  if (/^[a-z]+:\/\//i.test(name)) return 'Leave out the scheme.';
  if (name.endsWith('/')) return 'Delete the trailing slash.';
  if (name !== name.toLowerCase()) return 'Write the name in lower case.';
  return null;
}

function arrange(reader: NodeReader, entries: readonly PlacedEntry[], at: number): RegistryList {
  const [source, ...others] = entries.filter(({ entry }) => entry.isSource);
  if (source === undefined) {
    reader.findings.add('source-missing', at, { message: 'no registry says src: true', value: '' });
  }
  for (const { entry, offset } of others) {
    const message = `second source registry: ${entry.name}`;
    reader.findings.add('source-repeated', offset, { message, value: entry.name });
  }
  const destinations: RegistryEntry[] = [];
  const seen = new Set<string>();
  for (const { entry, offset } of entries.filter((placed) => !placed.entry.isSource)) {
    const { name } = entry;
    if (name === source?.entry.name) {
      reader.findings.add('destination-is-source', offset, {
        message: `destination is the source: ${name}`,
        value: name,
      });
    } else if (seen.has(name)) {
      reader.findings.add('duplicate-destination', offset, { message: `destination repeated: ${name}`, value: name });
    } else {
      seen.add(name);
      destinations.push(entry);
    }
  }
  if (source !== undefined && destinations.length === 0) {
    reader.findings.add('no-destination', at, { message: 'no destination registry', value: source.entry.name });
  }
  return { source: source?.entry ?? null, destinations };
}
