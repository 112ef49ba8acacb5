// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { API_VERSION } from './api-version.ts';
import { configSchema } from './config-schema.ts';
import { FINDING_CODES } from './finding-codes.ts';

/** Names of the files that a JSON Schema is published for. */
export type ManifestSchemaName =
  'promoter-manifest' | 'images' | 'plain-manifest' | 'promograph' | 'promograph-baseline';

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${COMPONENT}(?:/${COMPONENT})*`;
const HOST =
  '(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\\[[0-9a-f:.]+\\])(?::[0-9]{1,5})?';
const TRUE = ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'];
const FALSE = ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'];

const digest = z.string().regex(/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
/** An unquoted `1.10` is a number for an editor, and the text `1.10` for promograph. */
const tag = z.union([z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/), z.number()]);
const image = z.strictObject({
  name: z
    .string()
    .max(255)
    .regex(new RegExp(`^${PATH}$`))
    .meta({ description: 'Repository path below the registry.' }),
  dmap: z
    .record(digest, z.array(tag).nullable())
    .meta({ minProperties: 1, description: 'Digest to its tags; no tags promotes by digest alone.' }),
});
const images = z.array(image).nullable();

const registry = z.strictObject({
  name: z
    .string()
    .regex(new RegExp(`^${HOST}(?:/${PATH})?$`))
    .meta({ description: 'host or host/prefix' }),
  'service-account': z.string().nullable().optional().meta({ description: 'Accepted and unused.' }),
  src: z
    .union([z.boolean(), z.enum([...TRUE, ...FALSE]), z.null()])
    .optional()
    .meta({ description: 'The source.' }),
});
const registries = z
  .array(registry)
  .min(1)
  .meta({
    contains: { type: 'object', properties: { src: { enum: [true, ...TRUE] } }, required: ['src'] },
  });

const texts = z.array(z.string().min(1)).nullable().optional();
const level = z.union([z.literal(2), z.literal(3)]);
const builder = z.strictObject({
  id: z.string().min(1),
  level: z.int().min(1).max(3),
  signers: texts,
  caller: z
    .strictObject({
      workflows: z
        .array(z.string().regex(/^\.github\/workflows\/[^@]+$/))
        .nullable()
        .optional(),
      refs: z.array(z.string().regex(/^refs\/./)).min(1),
    })
    .nullable()
    .optional(),
});
const signer = z.string().regex(/^sigstore(?:\(identityMatch=regex\))?::.+?::.+$/);
const provenance = z
  .strictObject({
    mode: z.union([z.enum(['off', 'warn', 'require', '']), z.literal(false), z.null()]).optional(),
    signers: z.array(signer).nullable().optional(),
    builders: z.array(builder).nullable().optional(),
    sources: z
      .array(z.string().regex(/^[^@]+$/))
      .nullable()
      .optional(),
    predicateTypes: texts,
    level: z.union([z.literal(0), level, z.null()]).optional(),
    levels: z
      .array(z.strictObject({ images: z.array(z.string().min(1)).min(1), level }))
      .nullable()
      .optional(),
  })
  .nullable()
  .optional();

const baseline = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  accepted: z
    .array(
      z.strictObject({
        code: z.enum(Object.keys(FINDING_CODES)),
        file: z.string().min(1).meta({ description: 'Relative to the root of the tree.' }),
        value: z.string().meta({ description: 'The offending text.' }),
        reason: z.string().optional(),
      }),
    )
    .nullable()
    .optional(),
});

const SCHEMAS: Readonly<Record<ManifestSchemaName, z.ZodType>> = {
  'promoter-manifest': z.strictObject({ registries, imagesPath: z.string().nullable().optional(), provenance }),
  images,
  'plain-manifest': z.strictObject({ registries, images: images.optional(), provenance }),
  promograph: configSchema,
  'promograph-baseline': baseline,
};

/**
 * JSON Schemas (draft-07) of the files of a tree, for editors. They are looser than `readTree` where a schema cannot say
 * the rule (one source, unique names, reachable levels).
 */
export function manifestSchemas(): Record<ManifestSchemaName, object> {
  const made = Object.entries(SCHEMAS).map(([name, schema]) => {
    const json = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
    return [name, { $id: `urn:promograph:v1:${name}`, title: name, ...json }];
  });
  return Object.fromEntries(made) as Record<ManifestSchemaName, object>;
}
