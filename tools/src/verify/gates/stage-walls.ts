import { isTest, type Gate } from '../gate.ts';
import { importsOf } from './imports.ts';

interface Stage {
  /** Stages and root files it may use. */
  readonly may: readonly string[];
  /** Those of which it may know the shapes only. */
  readonly shapes?: readonly string[];
}

/**
 * The collector's stages, in the order of the data's way. They meet in main.ts; pipeline joins what happens to a block, judge
 * what happens to a record; plan is what both pipeline and store keep on disk. Receivers that answer about content use the same pure judge before they spool.
 */
const stages: Readonly<Record<string, Stage>> = {
  receive: { may: ['spool', 'decode', 'normalise', 'judge', 'reception', 'verdict'] },
  spool: { may: ['reception'] },
  decode: { may: ['reception', 'verdict'] },
  normalise: { may: ['decode', 'reception', 'verdict'] },
  judge: { may: ['decode', 'normalise', 'reception', 'verdict'] },
  plan: { may: ['reception'] },
  forward: { may: ['spool', 'reception', 'verdict'] },
  store: { may: ['plan', 'spool', 'reception', 'verdict'], shapes: ['pipeline'] },
  pipeline: { may: ['plan', 'spool', 'judge', 'normalise', 'store', 'forward', 'reception', 'verdict'] },
  observe: {
    may: ['reception', 'verdict'],
    shapes: ['receive', 'spool', 'plan', 'pipeline', 'store', 'forward']
  },
  // A process of its own, on a machine of its own: it speaks to the collector like any other sender.
  sensor: { may: [] },
  reception: { may: [] },
  verdict: { may: ['reception'] },
  config: { may: [] }
};

/** The stage a file of collector/src belongs to: its folder, or its own name for files at the root. */
function stageOf(path: string): string | undefined {
  if (/^collector\/src\/pipeline\/(?:plan|fingerprints)\.ts$/.test(path)) return 'plan';
  const inside = /^collector\/src\/([^/.]+)/.exec(path)?.[1];
  return inside?.startsWith('judge') ? 'judge' : inside;
}

/** A stage knows only what stands before it; observers know shapes, so they cannot change the path. */
export const stageWalls: Gate = (sources) =>
  sources
    .filter(({ path }) => path.startsWith('collector/src/') && path.endsWith('.ts') && !isTest(path))
    .flatMap((source) => {
      const from = stageOf(source.path);
      const stage = stages[from ?? ''];
      if (from === undefined || stage === undefined) return [];
      return [...importsOf(source)].flatMap(({ path, line, target, typesOnly }) => {
        const to = stageOf(target);
        if (to === undefined || to === from || stage.may.includes(to)) return [];
        if (typesOnly && stage.shapes?.includes(to)) return [];
        return [
          {
            path,
            line,
            wrong: `${from} imports ${to} (${target})`,
            mend: 'hand it over in main.ts, or move the shape to reception.ts or verdict.ts'
          }
        ];
      });
    });
