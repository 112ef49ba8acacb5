// SPDX-License-Identifier: Apache-2.0
import { manifestSchemas } from '@promograph/manifest';
import { printJson, reportSchemas } from '@promograph/report';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { Outcome } from '../exit-code.ts';

/** Prints one schema, or the names of all. */
export async function runSchema(context: CliContext, name: string | undefined): Promise<readonly Outcome[]> {
  const schemas = allSchemas();
  const names = Object.keys(schemas);
  if (name === undefined) {
    await context.stdout.write(names.map((known) => `${known}\n`).join(''));
    return [];
  }
  if (!Object.hasOwn(schemas, name)) {
    throw new CliError('CLI_UNKNOWN_SCHEMA', `no schema ${name}`, { hint: `There are: ${names.join(', ')}.` });
  }
  await context.stdout.write(printJson(schemas[name]));
  return [];
}

/** The names that `schema` takes. */
export function schemaNames(): readonly string[] {
  return Object.keys(allSchemas());
}

function allSchemas(): Readonly<Record<string, unknown>> {
  return { ...manifestSchemas(), ...reportSchemas() };
}
