// SPDX-License-Identifier: Apache-2.0
import { isDigest, isRepositoryPath, isTag } from '@promograph/oci';
import type { YamlNode } from './yaml-node.ts';
import type { DigestEntry, ImageEntry, TagEntry } from './model.ts';
import { type Field, isNull, type MappingShape, type NodeReader, offsetOf, textOf } from './node-reader.ts';

const IMAGE: MappingShape = { what: 'an image', keys: ['name', 'dmap'] };

/** Reads a list of `{name, dmap}`; nothing at all is no image. Entries with an unusable name are noted and left out. */
export function readImages(reader: NodeReader, node: YamlNode | null, at: number): ImageEntry[] {
  const images: ImageEntry[] = [];
  const seen = new Set<string>();
  for (const item of reader.items(node, at, 'images') ?? []) {
    const image = readImage(reader, item, at);
    if (image === null) continue;
    if (seen.has(image.name)) noteRepetition(reader, image);
    seen.add(image.name);
    images.push(image.entry);
  }
  return images;
}

interface NamedImage {
  readonly name: string;
  readonly offset: number;
  readonly entry: ImageEntry;
}

function readImage(reader: NodeReader, item: YamlNode | null, at: number): NamedImage | null {
  const fields = reader.fields(item, at, IMAGE);
  if (fields === null) return null;
  const nameField = fields.get('name');
  if (nameField === undefined) reader.missingKey('name', offsetOf(item, at), 'an image');
  const name = reader.text(nameField, 'name');
  const dmap = fields.get('dmap');
  const place = dmap?.key.offset ?? name?.offset ?? offsetOf(item, at);
  const digests = readDmap(reader, dmap, { at: place, name: name?.text ?? '' });
  if (name === null) return null;
  if (!isRepositoryPath(name.text)) {
    const message = `invalid image name: ${name.text}`;
    reader.findings.add('invalid-image-name', name.offset, { message, value: name.text });
    return null;
  }
  const position = reader.findings.source.position(name.offset);
  return { name: name.text, offset: name.offset, entry: { name: name.text, digests, at: position } };
}

function noteRepetition(reader: NodeReader, image: NamedImage): void {
  const message = `image name repeated: ${image.name}`;
  reader.findings.add('repeated-image-name', image.offset, { message, value: image.name });
}

function readDmap(reader: NodeReader, field: Field | undefined, image: { at: number; name: string }): DigestEntry[] {
  const value = field?.value ?? null;
  if (isNull(value) || (value?.kind === 'map' && value.pairs.length === 0)) {
    const message = `image without a digest: ${image.name}`;
    reader.findings.add('empty-dmap', image.at, { message, value: image.name });
    return [];
  }
  const digests: DigestEntry[] = [];
  for (const { key, value: tags } of reader.pairs(value, image.at, 'dmap') ?? []) {
    const entries = readTags(reader, tags, key.offset);
    if (isDigest(key.text)) {
      digests.push({ digest: key.text, tags: entries, at: reader.findings.source.position(key.offset) });
    } else {
      const message = `invalid digest: ${key.text}`;
      reader.findings.add('invalid-digest', key.offset, { message, value: key.text, ...meantDigest(key.text) });
    }
  }
  return digests;
}

/** Whole hexadecimal digits behind no algorithm, or a misspelt one, are most likely of the usual one. */
function meantDigest(text: string): { readonly hint?: string } {
  const [, digits] = /^(?:[a-z0-9]{0,16}:)?([0-9a-f]{64})$/.exec(text) ?? [];
  return digits === undefined ? {} : { hint: `Did you mean "sha256:${digits}"?` };
}

function readTags(reader: NodeReader, node: YamlNode | null, at: number): TagEntry[] {
  const tags: TagEntry[] = [];
  const seen = new Set<string>();
  for (const item of reader.items(node, at, 'the tags of a digest') ?? []) {
    const scalar = textOf(item);
    if (scalar === null) {
      reader.wrongType(item, at, 'a tag must be text');
      continue;
    }
    const { text, offset } = scalar;
    if (isNull(item) || !isTag(text)) {
      reader.findings.add('invalid-tag', offset, { message: `invalid tag: ${text === '' ? '""' : text}`, value: text });
    } else if (seen.has(text)) {
      reader.findings.add('repeated-tag', offset, { message: `tag repeated: ${text}`, value: text });
    } else {
      seen.add(text);
      tags.push({ tag: text, at: reader.findings.source.position(offset) });
    }
  }
  return tags;
}
