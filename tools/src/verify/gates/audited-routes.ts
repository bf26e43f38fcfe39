import type { Gate } from '../gate.ts';
import { importsOf } from './imports.ts';

/** Modules whose answers tell who looked at whom. */
const sensitive = /^#lib\/server\/query\/(?:access|event|vault|patient-pseudonyms)\.ts$/;
const records = '#lib/server/own-audit/own-audit.ts';

/** A route that reads the access audit writes down that it was read. */
export const auditedRoutes: Gate = (sources) =>
  sources
    .filter(
      ({ path }) =>
        path.startsWith('console/src/routes/') && path.endsWith('.ts') && !path.endsWith('.test.ts')
    )
    .flatMap((source) => {
      const imports = [...importsOf(source)].filter(({ typesOnly }) => !typesOnly);
      const read = imports.find(({ target }) => sensitive.test(target));
      const recorded = imports.some(({ target }) => target === records) && /\.record\(/.test(source.text);
      if (!read || recorded) return [];
      return [
        {
          path: source.path,
          line: read.line,
          wrong: `reads the access audit (${read.target}) and records nothing`,
          mend: 'record the look with ownAudit.record(logUsed(…)) before anything is shown'
        }
      ];
    });
