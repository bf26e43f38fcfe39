import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError } from './error.ts';

/** Largest body after decompression; a block of the collector is about 25 MB. */
const maxBodyBytes = 512 * 1024 * 1024;
/** Largest statement sent in a body, its inline data included. */
const maxStatementBytes = 64 * 1024 * 1024;

/** The body decompressed by its Content-Encoding and bounded. */
function decoded(request: IncomingMessage, limit: number): Readable {
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(
        bytes > limit
          ? new EngineError(
              307,
              'TOO_MANY_BYTES',
              `The body is larger than ${limit} bytes: send smaller blocks`
            )
          : null,
        chunk
      );
    }
  });
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const stages = { gzip: () => [createGunzip()], zstd: () => [createZstdDecompress()], identity: () => [] }[
    encoding
  ];
  if (!stages)
    throw new EngineError(
      48,
      'NOT_IMPLEMENTED',
      `Content-Encoding ${encoding} is not served: use gzip, zstd or none`
    );
  const failed = (error: Error | null | undefined) => error && bound.destroy(error);
  pipeline([request, ...stages(), bound] as [IncomingMessage, Transform]).catch(failed);
  return bound;
}

/** Reads a body that holds a statement. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of decoded(request, maxStatementBytes)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * Puts insert data into a file for as long as `use` runs: chDB trims white space at the end of data given as text,
 * which corrupts binary formats.
 */
export async function withDataFile<T>(
  folder: string,
  name: string,
  data: IncomingMessage | Buffer,
  use: (path: string) => Promise<T>
): Promise<T> {
  const path = join(folder, `${name}.data`);
  try {
    const source = Buffer.isBuffer(data) ? Readable.from([data]) : decoded(data, maxBodyBytes);
    await pipeline(source, createWriteStream(path, { mode: 0o600 }));
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}
