import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const State = z.object({
  seed: z.number(),
  /** Whether what the pools held before was told. */
  census: z.boolean(),
  /** Days of Europe/Paris that were played to their end. */
  days: z.array(z.string()),
  /** Last moment that was played live, ms; 0 before. */
  until: z.number()
});
export type State = z.infer<typeof State>;

const file = (dataFolder: string) => join(dataFolder, 'simulator', 'state.json');

/** What was played, so that a later start goes on from there and repeats nothing. Another seed is another group: it begins anew. */
export function readState(dataFolder: string, seed: number): State {
  const path = file(dataFolder);
  const fresh: State = { seed, census: false, days: [], until: 0 };
  if (!existsSync(path)) return fresh;
  const state = State.parse(JSON.parse(readFileSync(path, 'utf8')));
  return state.seed === seed ? state : fresh;
}

export function writeState(dataFolder: string, state: State): void {
  const path = file(dataFolder);
  mkdirSync(join(dataFolder, 'simulator'), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
