import { createHash } from 'node:crypto';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { RefusedError } from './http-errors.ts';

/** Bytes of bodies being read by all requests together. */
const budgetBytes = 128_000_000;
/** What is kept of a body that is too large. */
const headBytes = 65_536;
/**
 * Read and thrown away of a body that is too large, before the connection is cut: a sender that is still sending would get a
 * broken connection instead of the 413.
 */
const drainedBytes = 64_000_000;
const unzip = promisify(gunzip);

/** A body beyond the cap: its head, and what is known of the whole. */
export class OversizeBody extends RefusedError {
  readonly head: Buffer;
  readonly bytes: number;
  /** SHA-256 of what was read. */
  readonly sha256: string;
  constructor(read: { readonly head: Buffer; readonly bytes: number; readonly sha256: string }) {
    super('too-large');
    this.head = read.head;
    this.bytes = read.bytes;
    this.sha256 = read.sha256;
  }
}

/** A body that turned out too large, being passed over: its head is kept, the whole is hashed. */
class Passing {
  readonly #head: Buffer;
  readonly #hash = createHash('sha256');
  bytes = 0;

  constructor(read: Buffer) {
    this.#head = Buffer.from(read.subarray(0, headBytes));
    this.take(read);
  }

  take(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  /** @param told bytes it has in all, as the sender says */
  end(told: number): OversizeBody {
    return new OversizeBody({
      head: this.#head,
      bytes: Math.max(told, this.bytes),
      sha256: this.#hash.digest('hex')
    });
  }
}

/** Reads bodies within a cap each and a budget for all. */
export class BodyReader {
  readonly #cap: number;
  #held = 0;

  constructor(cap: number) {
    this.#cap = cap;
  }

  /**
   * @param cap bytes this sender may send at once, where that is less
   * @returns the body, unzipped when Content-Encoding says gzip
   * @throws {OversizeBody} beyond the cap, before or after unzipping
   * @throws {RefusedError} unsupported-encoding, busy
   */
  async read(request: Request, cap = this.#cap): Promise<Buffer> {
    const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
    if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip')
      throw new RefusedError('unsupported-encoding');
    const body = await this.#collect(request, cap);
    return encoding === 'identity' ? body : this.#unzip(body, cap);
  }

  async #collect(request: Request, cap: number): Promise<Buffer> {
    const told = Number(request.headers.get('content-length') ?? 0);
    let chunks: Uint8Array[] = [];
    let length = 0;
    let passing: Passing | undefined;
    try {
      for await (const chunk of request.body ?? []) {
        if (passing) {
          passing.take(chunk);
        } else {
          if (this.#held + chunk.length > budgetBytes) throw new RefusedError('busy');
          this.#held += chunk.length;
          length += chunk.length;
          chunks.push(chunk);
          if (length <= cap && (told <= cap || length < headBytes)) continue;
          passing = new Passing(Buffer.concat(chunks));
          this.#held -= length;
          [chunks, length] = [[], 0];
        }
        if (Math.max(told, passing.bytes) > drainedBytes) break;
      }
      if (passing) throw passing.end(told);
      const body = Buffer.concat(chunks);
      if (told > cap) throw new Passing(body).end(told);
      return body;
    } finally {
      this.#held -= length;
    }
  }

  async #unzip(body: Buffer, cap: number): Promise<Buffer> {
    try {
      return await unzip(body, { maxOutputLength: cap });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new Passing(body).end(cap + 1);
      throw new RefusedError('unsupported-encoding');
    }
  }
}
