import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Written = z.strictObject({
  version: z.literal(2),
  seed: z.int(),
  /** First day that is played: the census was told for its beginning. */
  since: z.iso.date().nullable(),
  /** Day of Europe/Paris → the moment up to which it was played, ms. */
  played: z.record(z.iso.date(), z.int())
});
type Written = z.infer<typeof Written>;

/**
 * What was played, on disk (`simulator/state.json` of the data folder), so that a later start goes on from there and repeats
 * nothing. Written after what it tells of was taken in, by renaming: a kill loses the last step at most, and the collector
 * knows a repeated message again. Another seed is another group: it begins anew.
 */
export class Chronicle {
  readonly #file: string;
  #written: Written;

  /** @throws {Error} when the file is not one of ours */
  constructor(dataFolder: string, seed: number) {
    const folder = join(dataFolder, 'simulator');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = join(folder, 'state.json');
    const found = existsSync(this.#file) ? readWritten(this.#file) : undefined;
    this.#written = found?.seed === seed ? found : { version: 2, seed, since: null, played: {} };
  }

  get since(): string | undefined {
    return this.#written.since ?? undefined;
  }

  /** The moment up to which a day was played; 0 when not at all. */
  playedUntil(day: string): number {
    return this.#written.played[day] ?? 0;
  }

  begin(day: string): void {
    this.#write({ ...this.#written, since: day });
  }

  advance(day: string, until: number): void {
    if (until <= this.playedUntil(day)) return;
    this.#write({ ...this.#written, played: { ...this.#written.played, [day]: until } });
  }

  #write(next: Written): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(next), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
    this.#written = next;
  }
}

function readWritten(file: string): Written {
  try {
    return Written.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(
      `${file} does not say what was played: it was written by another version, or cut. Remove it to have everything played again, or start with an empty data folder.`,
      { cause: error }
    );
  }
}
