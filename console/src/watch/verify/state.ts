import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Head } from '@vigie/evidence/head/head';

const Ms = z.int().min(0);

/** Something that is done on a schedule: since when it is awaited, and when it was last done. Times are ms since 1970. */
const Duty = z.strictObject({ schedule: z.string(), since: Ms, doneAt: Ms.optional() });
export type Duty = z.infer<typeof Duty>;

/** A period in which something was found: it is verified again until nothing is. */
const Suspect = z.strictObject({ from: Ms.optional(), to: Ms.optional(), found: z.int().min(1), since: Ms });
export type Suspect = z.infer<typeof Suspect>;

/** What the watch knows of the evidence, and of its other duties, in `watch/evidence.json` of the data folder. */
const EvidenceState = z.strictObject({
  version: z.literal(1),
  verify: Duty.optional(),
  /** The signed heads that were there when all that was new was last verified. */
  head: Head.optional(),
  /** How far the moving part of the old log came. */
  oldUntil: Ms.optional(),
  suspects: z.array(Suspect).max(400),
  publish: Duty.extend({ failedSince: Ms.optional() }).optional(),
  /** The monthly reports. */
  reports: Duty.optional()
});
export type EvidenceState = z.infer<typeof EvidenceState>;

const nothing: EvidenceState = { version: 1, suspects: [] };

/** Without the file, or with one that cannot be read, all is verified anew. */
function readState(file: string): EvidenceState {
  try {
    return EvidenceState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return nothing;
  }
}

/** Whole or not at all. */
function writeState(file: string, state: EvidenceState): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.part`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

/** The state of one watch: read once, written with each change. What cannot be written is told, and kept in memory. */
export class StateFile {
  readonly #file: string;
  readonly #onError: (error: unknown) => void;
  #state: EvidenceState;

  constructor(file: string, onError: (error: unknown) => void) {
    this.#file = file;
    this.#onError = onError;
    this.#state = readState(file);
  }

  get(): EvidenceState {
    return this.#state;
  }

  change(by: (state: EvidenceState) => EvidenceState): void {
    this.#state = by(this.#state);
    try {
      writeState(this.#file, this.#state);
    } catch (error) {
      this.#onError(error);
    }
  }
}
