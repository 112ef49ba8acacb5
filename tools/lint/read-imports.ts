// SPDX-License-Identifier: Apache-2.0
import ts from 'typescript';

/** A module that a file names in `import`, `export from` or `import()`. */
export interface ImportedModule {
  readonly specifier: string;
  readonly line: number;
}

/** Every module that a program text imports, types included: a layer is a layer for types too. */
export function readImports(text: string): readonly ImportedModule[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/** `@scope/name/deep` and `name/deep` without what follows the package's name; `node:` is dropped. */
export function packageName(specifier: string): string {
  const parts = specifier.replace(/^node:/, '').split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
