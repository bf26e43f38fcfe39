import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, parseYaml } from '@vigie/schemas';
import { Board } from './board.ts';

/** The boards that come with Vigie. */
export const shippedBoards = fileURLToPath(new URL('../boards', import.meta.url));

/** @throws {ConfigError} naming file, line and mend for everything that is wrong */
export function parseBoard(text: string, file: string): Board {
  const board = parseYaml(Board, text, file);
  const name = file.split('/').at(-1);
  if (name !== `${board.id}.yaml`)
    throw new ConfigError(file, [
      { line: 1, column: 1, path: 'id', message: `is "${board.id}": the file must be named ${board.id}.yaml` }
    ]);
  return board;
}

/** Every `*.yaml` of a folder. @throws {ConfigError} for the first file that cannot be used */
export function loadBoards(folder: string = shippedBoards): Board[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => parseBoard(readFileSync(join(folder, name), 'utf8'), join(folder, name)));
}
