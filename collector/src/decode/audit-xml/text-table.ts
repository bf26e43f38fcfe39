const slots = 8192;
const longest = 64;

/**
 * Texts met lately, found by their bytes, and what was made of them: messages say the same names, codes and addresses again and
 * again, and a text that is the same object costs neither memory nor a new hash wherever it is looked up afterwards. One place a
 * hash; who comes twice in a row takes it: what comes once (an image's UID) is neither kept nor puts out what comes often.
 */
export class TextTable<T> {
  readonly #make: (text: string) => T;
  readonly #made: (T | undefined)[] = Array.from({ length: slots });
  readonly #bytes = new Uint8Array(slots * longest);
  readonly #lengths = new Uint8Array(slots);
  /** Of each place, the hash that was last looked for and not found. */
  readonly #missed = new Int32Array(slots);

  /** @param make pure: what is wanted of a text */
  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  /** What is made of the text at [from, to), which is UTF-8. */
  find(bytes: Buffer, from: number, to: number): T {
    const length = to - from;
    if (length > longest) return this.#make(bytes.toString('utf8', from, to));
    let hash = length;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 13)) & (slots - 1);
    const own = slot * longest;
    if (this.#lengths[slot] === length) {
      let i = 0;
      while (i < length && this.#bytes[own + i] === bytes[from + i]) i++;
      const made = this.#made[slot];
      if (i === length && made !== undefined) return made;
    }
    const made = this.#make(bytes.toString('utf8', from, to));
    if (this.#made[slot] !== undefined && this.#missed[slot] !== hash) {
      this.#missed[slot] = hash;
      return made;
    }
    this.#made[slot] = made;
    this.#lengths[slot] = length;
    for (let i = 0; i < length; i++) this.#bytes[own + i] = bytes[from + i] as number;
    return made;
  }
}
