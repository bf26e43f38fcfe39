import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { EngineError } from './error.ts';

/** Largest body after decompression; a block of the collector is about 25 MB. */
const maxBodyBytes = 512 * 1024 * 1024;
/** What is kept in memory of a body: a statement, or a small insert. */
const headBytes = 1024 * 1024;

/** A body as far as it was read: its first bytes, and the rest when there is more. */
export interface Body {
  readonly head: Buffer;
  readonly rest: AsyncIterator<Buffer> | undefined;
}

/** Reads the first part of a body, decompressed by its Content-Encoding. */
export async function readHead(request: IncomingMessage): Promise<Body> {
  const iterator = decoded(request)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const chunks: Buffer[] = [];
  for (let length = 0; length < headBytes;) {
    const step = await iterator.next();
    if (step.done) return { head: Buffer.concat(chunks), rest: undefined };
    chunks.push(step.value);
    length += step.value.length;
  }
  return { head: Buffer.concat(chunks), rest: iterator };
}

function decoded(request: IncomingMessage): Readable {
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const tooLarge = () =>
        new EngineError(
          307,
          'TOO_MANY_BYTES',
          `The body is larger than ${maxBodyBytes} bytes: send smaller blocks`
        );
      done(bytes > maxBodyBytes ? tooLarge() : null, chunk);
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
  pipeline([request, ...stages(), bound] as [IncomingMessage, Transform]).catch((error: Error) =>
    bound.destroy(error)
  );
  return bound;
}

/** Fields of a multipart/form-data body, as the official client sends long parameters. */
export async function formFields(contentType: string, { head, rest }: Body): Promise<Map<string, string>> {
  if (rest) throw new EngineError(307, 'TOO_MANY_BYTES', `A form is at most ${headBytes} bytes`);
  const form = await new Response(head, { headers: { 'content-type': contentType } }).formData();
  const fields = new Map<string, string>();
  for (const [name, value] of form) {
    if (typeof value !== 'string')
      throw new EngineError(48, 'NOT_IMPLEMENTED', 'Tables sent as files of a form are not served');
    fields.set(name, value);
  }
  return fields;
}

/** Where bodies wait for the engine: in memory where there is such a place and room in it, else beside the database. */
export interface Scratch {
  readonly memory: string | undefined;
  readonly disk: string;
}

/**
 * Puts insert data into a file for as long as `use` runs: chDB trims white space at the end of data given as text,
 * which corrupts binary formats.
 */
export async function withDataFile<T>(
  scratch: Scratch,
  name: string,
  data: Body,
  told: number | undefined,
  use: (path: string) => Promise<T>
): Promise<T> {
  const size = data.rest ? told : data.head.length;
  const folder = await folderFor(scratch, size);
  const path = join(folder, `${name}.data`);
  try {
    await pipeline(Readable.from(chunks(data)), createWriteStream(path, { mode: 0o600 }));
    return await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

async function* chunks({ head, rest }: Body): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  if (rest) for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value;
}

/** Room for three such bodies at once; one of unknown size may be as large as any. */
async function folderFor({ memory, disk }: Scratch, size = maxBodyBytes): Promise<string> {
  if (memory === undefined) return disk;
  const { bavail, bsize } = await statfs(memory);
  return bavail * bsize > size * 3 ? memory : disk;
}
