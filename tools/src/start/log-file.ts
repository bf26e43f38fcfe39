import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';

/**
 * The log of one process: a file and the one before it, so that a log cannot fill the disk. Lines are never cut in two.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #descriptor: number;
  #size: number;

  /** @param maxBytes what both files may hold together */
  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#size = existsSync(path) ? statSync(path).size : 0;
    this.#descriptor = openSync(path, 'a', 0o600);
  }

  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes / 2) this.#turn();
    try {
      writeSync(this.#descriptor, bytes);
      this.#size += bytes.length;
    } catch {
      // A full disk must not stop the process whose log this is.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #turn(): void {
    closeSync(this.#descriptor);
    renameSync(this.path, `${this.path}.1`);
    this.#descriptor = openSync(this.path, 'a', 0o600);
    this.#size = 0;
  }
}
