import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from 'node:fs';
import { join } from 'node:path';

/*
 * Batches that wait for the collector, one file each: <number>.ndjson, one record a line. A file is complete once it has that
 * name (it is written and flushed under another), and goes when its batch was taken. What does not fit is dropped and counted.
 * <number>.ndjson.refused is one that the collector does not take: for people to look at, as long as there is room for it.
 */

export interface Batch {
  readonly name: string;
  readonly records: number;
  readonly bytes: number;
}

export class Outbox {
  readonly #folder: string;
  readonly #mostBytes: number;
  #batches: Batch[] = [];
  #refused: Batch[] = [];
  #bytes = 0;
  #next = 0;
  #dropped = 0;

  /** @throws {Error} when the folder cannot be used */
  constructor(folder: string, mostBytes: number) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder).toSorted()) {
      if (name.endsWith('.part')) rmSync(join(folder, name));
      const match = /^\d{12}\.ndjson(\.refused)?$/.exec(name);
      if (match === null) continue;
      const bytes = statSync(join(folder, name)).size;
      const records = readFileSync(join(folder, name), 'utf8').split('\n').length - 1;
      (match[1] === undefined ? this.#batches : this.#refused).push({ name, records, bytes });
      this.#bytes += bytes;
      this.#next = Number(name.slice(0, 12)) + 1;
    }
  }

  /** Records that wait. */
  get waiting(): number {
    return this.#batches.reduce((sum, { records }) => sum + records, 0);
  }

  /** Records there was no room for. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Keeps records on disk. @returns false when there is no room: they are dropped and counted */
  keep(lines: readonly string[]): boolean {
    const text = Buffer.from(`${lines.join('\n')}\n`);
    while (this.#bytes + text.length > this.#mostBytes && this.#forgetRefused()) continue;
    if (this.#bytes + text.length > this.#mostBytes) {
      this.#dropped += lines.length;
      return false;
    }
    const name = `${String(this.#next++).padStart(12, '0')}.ndjson`;
    const part = join(this.#folder, `${name}.part`);
    try {
      const file = openSync(part, 'w', 0o600);
      try {
        writeSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(part, join(this.#folder, name));
    } catch {
      // A full disk: the sensor goes on, and says how many it lost.
      rmSync(part, { force: true });
      this.#dropped += lines.length;
      return false;
    }
    this.#batches.push({ name, records: lines.length, bytes: text.length });
    this.#bytes += text.length;
    return true;
  }

  /** The batch that waits longest. */
  first(): (Batch & { readonly body: Buffer }) | undefined {
    const [batch] = this.#batches;
    return batch && { ...batch, body: readFileSync(join(this.#folder, batch.name)) };
  }

  remove({ name, bytes }: Batch): void {
    rmSync(join(this.#folder, name), { force: true });
    this.#batches = this.#batches.filter((one) => one.name !== name);
    this.#bytes -= bytes;
  }

  /** Keeps a batch apart that would be refused every time. */
  setAside(batch: Batch): void {
    const name = `${batch.name}.refused`;
    renameSync(join(this.#folder, batch.name), join(this.#folder, name));
    this.#batches = this.#batches.filter((one) => one.name !== batch.name);
    this.#refused.push({ ...batch, name });
  }

  /** The oldest of what was refused makes room. @returns false when there is none */
  #forgetRefused(): boolean {
    const oldest = this.#refused.shift();
    if (oldest === undefined) return false;
    rmSync(join(this.#folder, oldest.name), { force: true });
    this.#bytes -= oldest.bytes;
    return true;
  }
}
