/** pino's level of an error. */
const errorLevel = 50;

/**
 * Tells the terminal of errors in the logs of the processes without flooding it: the first at once, then one line a minute
 * that counts the rest.
 */
export class Complaints {
  readonly #say: (line: string) => void;
  readonly #counts = new Map<string, number>();
  readonly #quietUntil = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Looks at one line of a process's log. @param now ms */
  see(process: string, line: string, logFile: string, now: number): void {
    if (!line.startsWith('{')) return;
    let told: { level?: unknown; msg?: unknown; error?: unknown };
    try {
      told = JSON.parse(line) as typeof told;
    } catch {
      return;
    }
    if (typeof told.level !== 'number' || told.level < errorLevel) return;
    const earlier = this.#counts.get(process) ?? 0;
    if (now < (this.#quietUntil.get(process) ?? 0)) {
      this.#counts.set(process, earlier + 1);
      return;
    }
    const error = typeof told.error === 'string' ? `: ${told.error}` : '';
    const more = earlier > 0 ? ` (and ${earlier} more before it)` : '';
    this.#say(`${process}: ${String(told.msg ?? 'an error')}${error}${more}; see ${logFile}`);
    this.#counts.set(process, 0);
    this.#quietUntil.set(process, now + 60_000);
  }
}
