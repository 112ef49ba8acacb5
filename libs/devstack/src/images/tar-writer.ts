// SPDX-License-Identifier: Apache-2.0

/** A file of an archive: path and content. */
export interface TarFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Permission bits. Default 0o644. */
  readonly mode?: number;
}

const BLOCK = 512;

/** A ustar archive whose bytes depend on the files alone: owner root, time 0, the order given. Paths up to 100 bytes. */
export function writeTar(files: readonly TarFile[]): Buffer {
  const parts: Buffer[] = [];
  for (const { path, content, mode = 0o644 } of files) {
    const bytes = Buffer.from(content);
    parts.push(header(path, bytes.length, mode), bytes, Buffer.alloc(padding(bytes.length)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function padding(length: number): number {
  return (BLOCK - (length % BLOCK)) % BLOCK;
}

/** Field offsets as POSIX.1-1988 (ustar) lays them out; the checksum counts its own field as spaces. */
function header(path: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
