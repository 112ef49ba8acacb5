// SPDX-License-Identifier: Apache-2.0
import { crc32 } from 'node:zlib';

const MAX_STORED = 0xffff;
/** RFC 1952: magic, deflate, no flags, time 0, no extra flags, unknown system. */
const HEADER: Buffer = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** A gzip stream of stored (uncompressed) blocks: the same bytes with every version of zlib. */
export function storedGzip(content: Buffer): Buffer {
  const parts: Buffer[] = [HEADER];
  for (let start = 0; start === 0 || start < content.length; start += MAX_STORED) {
    const block = content.subarray(start, start + MAX_STORED);
    const head = Buffer.alloc(5);
    head.writeUInt8(start + MAX_STORED >= content.length ? 1 : 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length >>> 0, 4);
  return Buffer.concat([...parts, trailer]);
}
