import { isCode, isTest, type Gate } from '../gate.ts';
import { importsOf } from './imports.ts';

/** Which workspace may import which others. Nothing imports collector, console or simulator. */
const may: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  store: ['schemas'],
  dashboards: ['schemas'],
  evidence: ['schemas', 'store'],
  custody: ['schemas', 'store', 'evidence'],
  collector: ['schemas', 'store', 'evidence'],
  console: ['schemas', 'store', 'evidence', 'dashboards'],
  simulator: ['schemas'],
  tools: ['schemas', 'store', 'evidence', 'custody', 'dashboards']
};

/** Tests and the parts they share may also use the test kit. */
const isTestKit = (path: string) => isTest(path) || /(^|\/)testkit(\/|\.ts$)/.test(path);

/** Workspaces know each other only in the order of the data's way, and only by name. */
export const workspaceWalls: Gate = (sources) =>
  sources
    .filter(({ path }) => isCode(path))
    .flatMap((source) => {
      const from = source.path.split('/')[0] ?? '';
      const allowed = may[from];
      if (!allowed) return [];
      return [...importsOf(source)].flatMap(({ path, line, target }) => {
        const named = /^@vigie\/([^/]+)/.exec(target)?.[1];
        const to = named ?? (may[target.split('/')[0] ?? ''] ? target.split('/')[0] : undefined);
        if (to === undefined || (to === from && named === undefined)) return [];
        const forTests =
          isTestKit(path) &&
          (to === 'tools' || to === 'store' || to === 'evidence' || to === 'dashboards' || to === 'schemas');
        if (named !== undefined && (to === from || allowed.includes(to) || forTests)) return [];
        return [
          {
            path,
            line,
            wrong: `${from} imports ${target}`,
            mend:
              named === undefined
                ? `import it as @vigie/${to}/…, if ${from} may know ${to} at all`
                : `${from} may import ${allowed.join(', ') || 'nothing of ours'}: move what is shared to the left, or ask for it`
          }
        ];
      });
    });
