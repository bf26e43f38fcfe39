import type { Reception } from '../reception.ts';
import type { Origin, Traits } from '../verdict.ts';

interface Run extends Origin {
  trait: 'header' | 'coding' | 'sequence';
  value: string;
  run: number;
  from_at: number;
  to_at: number;
  messages: number;
  /** First and highest number of a run of numbers; 0 for other traits. */
  first: number;
  last: number;
}

/** Numbers further back than this begin a new run: the sender started again. */
const lateBy = 1000;
/** Values of one trait of one block that are told apart, so that a sender cannot make rows of names. */
const maxValues = 200;

/** The runs of one trait, value and origin (a site has one establishment). */
interface Runs {
  readonly source: string;
  readonly site: string;
  readonly value: string;
  readonly key: string;
  readonly runs: Run[];
}

/** How the sources of one block speak. Every reception counts, repeated and not understood ones too. */
export class FeedTraits {
  /** By source, trait and value, the runs in their order. */
  readonly #runs = new Map<string, Run[]>();
  readonly #values = { header: 0, coding: 0, sequence: 0 };
  /** What was counted last of each trait: neighbours often share it. */
  readonly #last: Partial<Record<Run['trait'], Runs>> = {};

  /** @param repeated the message was received before: if its number was too, it says nothing new */
  count(origin: Origin, reception: Reception, traits: Traits | undefined, repeated: boolean): void {
    if (traits === undefined) return;
    const { header, coding, sequence } = traits;
    if (header !== undefined) this.#add(origin, reception, { trait: 'header', value: header });
    if (coding !== undefined) this.#add(origin, reception, { trait: 'coding', value: coding });
    if (sequence === undefined) return;
    const { by: value, number } = sequence;
    this.#add(origin, reception, { trait: 'sequence', value, number, repeated });
  }

  #runsOf(trait: Run['trait'], value: string, origin: Origin): Runs {
    const last = this.#last[trait];
    const { source, site, establishment } = origin;
    if (last?.value === value && last.source === source && last.site === site) return last;
    const key = `${trait}\0${value}\0${source}\0${site}\0${establishment}`;
    const found = { source, site, value, key, runs: this.#runs.get(key) ?? [] };
    this.#last[trait] = found;
    return found;
  }

  #add(
    origin: Origin,
    { receivedAt }: Reception,
    told: {
      readonly trait: Run['trait'];
      readonly value: string;
      readonly number?: number;
      readonly repeated?: boolean;
    }
  ): void {
    const { trait, value, number, repeated = false } = told;
    const { key, runs } = this.#runsOf(trait, value, origin);
    const current = runs.at(-1);
    if (repeated && number !== undefined && number <= (current?.last ?? Infinity)) return;
    const again =
      current !== undefined &&
      number !== undefined &&
      number <= current.last &&
      (number === 1 || number < current.last - lateBy);
    if (current === undefined || again) {
      if (current === undefined) {
        if (this.#values[trait] >= maxValues) return;
        this.#values[trait]++;
        this.#runs.set(key, runs);
      }
      const at = { run: runs.length, from_at: receivedAt, to_at: receivedAt };
      runs.push({ ...origin, trait, value, ...at, messages: 1, first: number ?? 0, last: number ?? 0 });
      return;
    }
    current.messages++;
    current.to_at = Math.max(current.to_at, receivedAt);
    if (number === undefined) return;
    current.first = Math.min(current.first, number);
    current.last = Math.max(current.last, number);
  }

  /** In an order that a verifier can redo from the columns: trait, value, source, site, establishment, run. */
  rows<B extends { readonly lane: string }>(base: B) {
    return [...this.#runs]
      .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .flatMap(([, runs]) => runs.map((run) => ({ ...base, ...run, retention: base.lane })));
  }
}
