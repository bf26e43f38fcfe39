const pooledBytes = 131_072;
const maxFree = 128;

/**
 * Buffers for batches on their way to disk, used again and again: what the disk takes in a second would otherwise be allocated,
 * cleared and collected each second. A batch that does not fit has a buffer of its own. At most 16 MB are kept free.
 */
export class BatchBuffers {
  readonly #free: Buffer[] = [];

  /** A buffer of that size, with whatever was in it. */
  take(size: number): Buffer {
    if (size > pooledBytes) return Buffer.allocUnsafeSlow(size);
    return (this.#free.pop() ?? Buffer.allocUnsafeSlow(pooledBytes)).subarray(0, size);
  }

  /** Gives back a buffer of `take` that nobody reads any more. */
  give(buffer: Buffer): void {
    if (buffer.buffer.byteLength !== pooledBytes || this.#free.length >= maxFree) return;
    this.#free.push(Buffer.from(buffer.buffer));
  }
}
