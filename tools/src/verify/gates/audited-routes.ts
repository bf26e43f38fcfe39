import type { Gate } from '../gate.ts';
import { importsOf } from './imports.ts';

/** Modules whose answers tell who looked at whom. */
const sensitive =
  /^(?:#lib\/server|console\/src\/lib\/server)\/(?:query\/(?:access|event|vault|patient-pseudonyms|audit-events|syslog-records|witnesses)|explorer\/(?:read|export\/[\w-]+)|fhir\/(?:search|read)|syslog\/search)\.ts$/;
const records = '#lib/server/own-audit/own-audit.ts';
/** What answers several routes alike stands beside what it answers with. */
const answers = /^console\/src\/lib\/server\/(?:fhir|syslog)\/answer-[\w-]+\.ts$/;

/** A route that reads the access audit, or what answers for it, writes down that it was read. */
export const auditedRoutes: Gate = (sources) =>
  sources
    .filter(
      ({ path }) =>
        (path.startsWith('console/src/routes/') && path.endsWith('.ts') && !path.endsWith('.test.ts')) ||
        answers.test(path)
    )
    .flatMap((source) => {
      const imports = [...importsOf(source)].filter(({ typesOnly }) => !typesOnly);
      const read = imports.find(({ target }) => sensitive.test(target));
      const recorded =
        imports.some(
          ({ target }) => target === records || target === 'console/src/lib/server/own-audit/search-used.ts'
        ) && /\.record\(|\brecordReading\(/.test(source.text);
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
