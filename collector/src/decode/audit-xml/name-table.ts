/** Names of ASCII found by their bytes, without making text of them: open addressing over a hash that the reader computes. */
export class NameTable {
  readonly #names: readonly Buffer[];
  readonly #slots: Int16Array;
  readonly #mask: number;

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => Buffer.from(name));
    const size = 1 << Math.ceil(Math.log2(names.length * 4));
    this.#mask = size - 1;
    this.#slots = new Int16Array(size).fill(-1);
    for (const [id, name] of this.#names.entries()) {
      let slot = this.#slot(name.reduce((hash, byte) => (Math.imul(hash, 31) + byte) | 0, 0));
      while (this.#slots[slot] !== -1) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = id;
    }
  }

  /**
   * Place in the list of the name at [from, to); -1 when it is not there.
   * @param hash over its bytes, from 0: hash × 31 + byte, as 32 bits
   */
  find(bytes: Buffer, from: number, to: number, hash: number): number {
    for (let slot = this.#slot(hash); ; slot = (slot + 1) & this.#mask) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) return -1;
      const name = this.#names[id];
      if (name?.length !== to - from) continue;
      let at = 0;
      while (at < name.length && name[at] === bytes[from + at]) at++;
      if (at === name.length) return id;
    }
  }

  #slot(hash: number): number {
    return (hash ^ (hash >>> 7) ^ (hash >>> 16)) & this.#mask;
  }
}
