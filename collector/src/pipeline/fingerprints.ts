/*
 * Fingerprints of one block, packed by the day of reception: 17 bytes fingerprint (block-content.ts) · f64 sequence of the first
 * reception, one after the other. A block has thousands of them: as objects they would cost more than what they tell.
 */
const fingerprintBytes = 17;
const entryBytes = fingerprintBytes + 8;

/** By day (yyyymmdd), the fingerprints first received on it. */
export type PackedFingerprints = readonly (readonly [day: string, packed: Buffer])[];

/** Gathers the fingerprints of one block. */
export class FingerprintPacker {
  readonly #days = new Map<string, { bytes: Buffer; length: number }>();

  add(day: string, fingerprint: Buffer, seq: number): void {
    let list = this.#days.get(day);
    if (!list) {
      list = { bytes: Buffer.allocUnsafeSlow(1024 * entryBytes), length: 0 };
      this.#days.set(day, list);
    }
    if (list.length === list.bytes.length) list.bytes = Buffer.concat([list.bytes, list.bytes]);
    list.length += fingerprint.copy(list.bytes, list.length, 0, fingerprintBytes);
    list.length = list.bytes.writeDoubleBE(seq, list.length);
  }

  packed(): PackedFingerprints {
    return [...this.#days].map(([day, { bytes, length }]) => [day, bytes.subarray(0, length)] as const);
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
