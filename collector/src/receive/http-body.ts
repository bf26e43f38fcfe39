import { createHash } from 'node:crypto';
import { gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { RefusedError } from './http-errors.ts';

/** Bytes of bodies being read by all requests together. */
const budgetBytes = 128_000_000;
/** What is kept of a body that is too large. */
const headBytes = 65_536;
const unzip = promisify(gunzip);

/** A body beyond the cap: its head, and what is known of the whole. */
export class OversizeBody extends RefusedError {
  readonly head: Buffer;
  readonly bytes: number;
  /** SHA-256 of what was read. */
  readonly sha256: string;
  constructor(read: Buffer, told: number) {
    super('too-large');
    this.head = Buffer.from(read.subarray(0, headBytes));
    this.bytes = Math.max(told, read.length);
    this.sha256 = createHash('sha256').update(read).digest('hex');
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
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of request.body ?? []) {
        if (this.#held + chunk.length > budgetBytes) throw new RefusedError('busy');
        this.#held += chunk.length;
        length += chunk.length;
        chunks.push(chunk);
        if (length > cap || (told > cap && length >= headBytes))
          throw new OversizeBody(Buffer.concat(chunks), told);
      }
      if (told > cap) throw new OversizeBody(Buffer.concat(chunks), told);
      return Buffer.concat(chunks);
    } finally {
      this.#held -= length;
    }
  }

  async #unzip(body: Buffer, cap: number): Promise<Buffer> {
    try {
      return await unzip(body, { maxOutputLength: cap });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new OversizeBody(body, cap + 1);
      throw new RefusedError('unsupported-encoding');
    }
  }
}
