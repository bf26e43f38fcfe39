import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadBoards, shippedBoards } from './load.ts';

const id = 'virtual:vigie-boards';
const resolved = `\0${id}`;

/**
 * Vite plugin: `import boards from 'virtual:vigie-boards'` gives the checked boards. An invalid board fails the build
 * with its file and line, and in development the page.
 */
export function boards(folder: string = shippedBoards) {
  return {
    name: 'vigie-boards',
    buildStart() {
      loadBoards(folder);
    },
    resolveId: (source: string) => (source === id ? resolved : null),
    load(this: { addWatchFile(file: string): void }, source: string) {
      if (source !== resolved) return null;
      for (const file of readdirSync(folder)) this.addWatchFile(join(folder, file));
      return `export default ${JSON.stringify(loadBoards(folder))};`;
    }
  };
}
