import { isCode, isTest, type Gate } from '../gate.ts';

const most = 400;
/** Lists of words and of codes are long by nature. */
const apart = /\/vocabulary\/|\/lib\/text\/|\/fixtures\//;

/** No file of code is longer than 400 lines. */
export const fileLength: Gate = (sources) =>
  sources
    .filter(({ path }) => (isCode(path) || path.endsWith('.sql')) && !isTest(path) && !apart.test(path))
    .filter(({ path }) => path !== 'schemas/ddl/structure.sql')
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > most)
    .map(({ path, lines }) => ({
      path,
      line: most + 1,
      wrong: `has ${lines} lines, more than ${most}`,
      mend: 'move its second concept into a file of its own'
    }));
