/** Beyond this a buffer is not kept for the next range: one block may hold messages far larger than others do. */
const keptBytes = 64_000_000;

/**
 * One copy of a range of the log at a time, in memory used again for the next range. LMDB lends a value only until the next one is
 * read; whoever takes a range apart needs all of it at once.
 */
export class RangeBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;

  /**
   * Forgets the last range: views into it are no longer valid.
   * @param expected bytes of the next one, as far as they are known
   */
  begin(expected: number): void {
    this.#length = 0;
    if (this.#bytes.length > keptBytes) this.#bytes = Buffer.alloc(0);
    if (expected > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(expected + (expected >> 3));
  }

  /** Copies a value. @returns the copy, valid until the next `begin` */
  keep(value: Buffer): Buffer {
    // Views into a buffer that became too small stay valid: it lives as long as they do.
    if (this.#length + value.length > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(value.length, this.#bytes.length * 2, 1 << 20));
      this.#length = 0;
    }
    const at = this.#length;
    this.#length += value.length;
    // `length` told: LMDB lends a larger buffer than the value, under the value's length.
    value.copy(this.#bytes, at, 0, value.length);
    return this.#bytes.subarray(at, this.#length);
  }
}
