// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { cliPage } from './cli-page.ts';
import { configurationPage } from './configuration-page.ts';
import { errorsPage } from './errors-page.ts';
import { nxPage } from './nx-page.ts';
import { redirectorPage } from './redirector-page.ts';

/** A page of docs/reference as the code of now makes it. */
export interface ReferencePage {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** All generated pages, formatted as the repository formats Markdown. */
export async function makeReferencePages(repository: string): Promise<readonly ReferencePage[]> {
  const texts = {
    'docs/reference/cli.md': cliPage(),
    'docs/reference/configuration.md': configurationPage(),
    'docs/reference/errors.md': errorsPage(),
    'docs/reference/nx.md': await nxPage(repository),
    'docs/reference/redirector.md': redirectorPage(),
  };
  const config = await resolveConfig(join(repository, 'README.md'));
  return Promise.all(
    Object.entries(texts).map(async ([path, text]) => ({
      path,
      text: await format(text, { ...config, parser: 'markdown' }),
    })),
  );
}
