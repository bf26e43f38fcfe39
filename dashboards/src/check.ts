import { ConfigError } from '@vigie/schemas';
import { loadBoards, shippedBoards } from './load.ts';

// node dashboards/src/check.ts [folder]: exits 1, naming file and line, when a board cannot be used.
const folder = process.argv[2] ?? shippedBoards;
try {
  const boards = loadBoards(folder);
  const panels = boards.reduce((sum, board) => sum + board.panels.length, 0);
  process.stdout.write(`${boards.length} boards, ${panels} panels: good\n`);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
