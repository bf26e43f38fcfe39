import { dirname, join } from 'node:path/posix';
import type { Finding, Gate } from '../gate.ts';

const roots = 'schemas|store|evidence|custody|collector|dashboards|console|simulator|tools|docs|\\.ci';
const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;
const mention = new RegExp(`\`((?:${roots})/[\\w./()[\\]+@-]*)\``, 'g');

/** Whatever a document points at exists: relative links, and paths in backquotes that begin with a folder of ours. */
export const docPaths: Gate = (sources) => {
  const files = new Set(sources.map(({ path }) => path));
  const folders = new Set<string>();
  for (const file of files)
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  const exists = (path: string) => {
    const plain = path.replace(/\/+$/, '').replace(/:\d+$/, '');
    return files.has(plain) || folders.has(plain) || plain === '.';
  };
  return sources
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((content, index): Finding[] => {
        const told = [
          ...[...content.matchAll(link)].map((match) => join(dirname(path), match[1] ?? '')),
          ...[...content.matchAll(mention)].map((match) => match[1] ?? '')
        ];
        return told
          .filter((target) => !exists(target))
          .map((target) => ({
            path,
            line: index + 1,
            wrong: `points at ${target}, which does not exist`,
            mend: 'name the path as it is now'
          }));
      })
    );
};
