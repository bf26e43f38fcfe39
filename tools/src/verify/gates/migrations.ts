import type { Finding, Gate } from '../gate.ts';

const folder = 'schemas/ddl/';
const structureFile = `${folder}structure.sql`;

/** Migrations are numbered without a gap, each says what it serves, and structure.sql knows every table they make. */
export const migrations: Gate = (sources) => {
  const found: Finding[] = [];
  const files = sources
    .filter(({ path }) => path.startsWith(folder) && path.endsWith('.sql') && path !== structureFile)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  files.forEach(({ path, text }, index) => {
    const wanted = String(index + 1).padStart(4, '0');
    if (!path.slice(folder.length).startsWith(`${wanted}-`))
      found.push({
        path,
        line: 1,
        wrong: `should be number ${wanted}`,
        mend: 'number migrations 0001-name.sql, 0002-name.sql … without a gap; never renumber one that is released'
      });
    if (!text.startsWith('--'))
      found.push({
        path,
        line: 1,
        wrong: 'does not say what it serves',
        mend: 'open it with a comment: the query shapes served, and what was measured'
      });
  });
  const structure = sources.find(({ path }) => path === structureFile);
  if (!structure)
    found.push({
      path: structureFile,
      line: 1,
      wrong: 'is missing',
      mend: 'run node store/src/migrate/structure.ts --write against a migrated engine'
    });
  const made = files.flatMap(({ path, text }) =>
    [...text.matchAll(/^CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS (\w+\.\w+)/gm)].map((match) => ({
      path,
      line: text.slice(0, match.index).split('\n').length,
      name: match[1] ?? ''
    }))
  );
  for (const { path, line, name } of made)
    if (
      structure &&
      !new RegExp(`^CREATE (?:TABLE|MATERIALIZED VIEW) ${name.replace('.', '\\.')}\\b`, 'm').test(
        structure.text
      )
    )
      found.push({
        path,
        line,
        wrong: `makes ${name}, which structure.sql does not hold`,
        mend: 'run node store/src/migrate/structure.ts --write against a migrated engine'
      });
  return found;
};
