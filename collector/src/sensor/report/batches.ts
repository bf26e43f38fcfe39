/** Records of one request. */
export const batchRecords = 1_000;
/** Bytes of one: far below what the collector and proxies before it take at once, unless told otherwise. */
const batchBytes = 250_000;

/** Cuts records, one line each, into batches that one request may carry; a line that is too long goes alone. Pure. */
export function* inBatches(lines: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const length = Buffer.byteLength(line) + 1;
    if (batch.length > 0 && (batch.length >= batchRecords || bytes + length > batchBytes)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(line);
    bytes += length;
  }
  if (batch.length > 0) yield batch;
}
