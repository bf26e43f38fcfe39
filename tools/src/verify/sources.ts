import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from './gate.ts';

const text = /\.(ts|mjs|js|svelte|md|yaml|json|sql|css|html)$|^\.ci\/run$/;

/**
 * Every file of the repository, tracked or new, without what .gitignore names. Pictures and the like have no text.
 * @throws when `root` is no git checkout
 */
export function readSources(root: string): Source[] {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8'
  });
  return list
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: text.test(path) ? readFileSync(join(root, path), 'utf8') : '' }));
}
