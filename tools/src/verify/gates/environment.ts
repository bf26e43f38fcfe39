import { isCode, isTest, linesMatching, type Gate } from '../gate.ts';

/** Tools run on a developer's machine and start the others; everything else is told its settings. */
const apart = (path: string) => path.startsWith('tools/') || isTest(path) || /(^|[./])config\.ts$/.test(path);

/** Only `config.ts` files read the environment, so that what can be set is found in one place per process. */
export const environment: Gate = (sources) =>
  sources
    .filter(({ path }) => isCode(path) && !apart(path))
    .flatMap(({ path, text }) =>
      [...linesMatching(text, /\bprocess\.env\b|\$env\/|\bimport\.meta\.env\b/)].map(({ line }) => ({
        path,
        line,
        wrong: 'reads the environment',
        mend: 'parse it in the config.ts of this workspace and hand the value over'
      }))
    );
