import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A clock that a test sets, for processes that are started with its environment. */
export interface TestClock {
  readonly env: Readonly<Record<string, string>>;
  /** From now on it is this time, and goes on from there. */
  set(time: string): void;
}

/** @param folder where the offset and the code that applies it are kept; the clock is right until it is set */
export function testClock(folder: string): TestClock {
  const offset = join(folder, 'clock-offset');
  const code = join(folder, 'clock.mjs');
  writeFileSync(offset, '0');
  writeFileSync(
    code,
    `import { readFileSync } from 'node:fs';
     const Real = Date;
     const now = () => Real.now() + Number(readFileSync(${JSON.stringify(offset)}, 'utf8') || 0);
     globalThis.Date = class extends Real {
       constructor(...told) { super(...(told.length === 0 ? [now()] : told)); }
       static now() { return now(); }
     };`
  );
  return {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(code).href}` },
    set: (time) => writeFileSync(offset, String(Date.parse(time) - Date.now()))
  };
}
