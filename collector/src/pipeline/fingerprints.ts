/*
 * Fingerprints of one block, packed by the day of reception: 17 bytes fingerprint (block-content.ts) · f64 sequence of the first
 * reception, one after the other. A block has thousands of them: as objects they would cost more than what they tell.
 */
const fingerprintBytes = 17;
const entryBytes = fingerprintBytes + 8;

/** By day (yyyymmdd), the fingerprints first received on it. */
export type PackedFingerprints = readonly (readonly [day: string, packed: Buffer])[];

/** Gathers the fingerprints of one block, and finds them again. */
export class FingerprintPacker {
  #entries = Buffer.allocUnsafeSlow(1024 * entryBytes);
  #length = 0;
  /** Where a day begins in `#entries`: receptions of one day follow each other. */
  readonly #runs: { readonly day: string; readonly from: number }[] = [];
  /** By the fingerprint's own bytes, which are a hash: place in `#entries`, -1 for none. */
  #slots = new Int32Array(2048).fill(-1);

  add(day: string, fingerprint: Buffer, seq: number): void {
    if (this.#runs.at(-1)?.day !== day) this.#runs.push({ day, from: this.#length });
    if (this.#length === this.#entries.length) this.#entries = Buffer.concat([this.#entries, this.#entries]);
    const at = this.#length;
    for (let i = 0; i < fingerprintBytes; i++) this.#entries[at + i] = fingerprint[i] as number;
    this.#length = this.#entries.writeDoubleBE(seq, at + fingerprintBytes);
    if ((this.#length / entryBytes) * 2 > this.#slots.length) this.#spread();
    else this.#slots[this.#slot(fingerprint, 0)] = at;
  }

  /** Sequence under which a fingerprint was added first, or undefined. */
  find(fingerprint: Buffer): number | undefined {
    const at = this.#slots[this.#slot(fingerprint, 0)] as number;
    return at < 0 ? undefined : this.#entries.readDoubleBE(at + fingerprintBytes);
  }

  packed(): PackedFingerprints {
    const days = new Map<string, Buffer[]>();
    for (const [i, { day, from }] of this.#runs.entries()) {
      const part = this.#entries.subarray(from, this.#runs[i + 1]?.from ?? this.#length);
      days.set(day, [...(days.get(day) ?? []), part]);
    }
    return [...days].map(([day, parts]) => [
      day,
      parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    ]);
  }

  /** The slot of the fingerprint at `from`, or the free one where it belongs. */
  #slot(bytes: Buffer, from: number): number {
    const mask = this.#slots.length - 1;
    let slot = bytes.readInt32LE(from + fingerprintBytes - 4) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const at = this.#slots[slot] as number;
      if (at < 0) return slot;
      let i = 0;
      while (i < fingerprintBytes && this.#entries[at + i] === bytes[from + i]) i++;
      if (i === fingerprintBytes) return slot;
    }
  }

  #spread(): void {
    this.#slots = new Int32Array(this.#slots.length * 4).fill(-1);
    for (let at = 0; at < this.#length; at += entryBytes) this.#slots[this.#slot(this.#entries, at)] = at;
  }
}

/** One fingerprint, and its sequence as the index keeps it (f64); both are views. */
export function* fingerprintsOf(
  packed: PackedFingerprints
): Generator<{ readonly day: string; readonly fingerprint: Buffer; readonly value: Buffer }> {
  for (const [day, bytes] of packed)
    for (let at = 0; at < bytes.length; at += entryBytes)
      yield {
        day,
        fingerprint: bytes.subarray(at, at + fingerprintBytes),
        value: bytes.subarray(at + fingerprintBytes, at + entryBytes)
      };
}
