import { dirname, join } from 'node:path/posix';
import type { Source } from '../gate.ts';

/** One import of a file: what it names, where, and whether only types come through it. */
export interface Import {
  readonly path: string;
  readonly line: number;
  readonly target: string;
  readonly typesOnly: boolean;
}

const statement =
  /(?:^|\n)[ \t]*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\('([^']+)'\)/g;

/**
 * Imports of a file. Relative ones are told as paths from the root, `@vigie/<workspace>/…` and `#lib/…` as they are written.
 * Imports of which every name is marked `type` count as types only.
 */
export function* importsOf({ path, text }: Source): Generator<Import> {
  for (const match of text.matchAll(statement)) {
    const target = match[2] ?? match[3] ?? '';
    const names = /\{([^}]*)\}/
      .exec(match[0])?.[1]
      ?.split(',')
      .map((name) => name.trim());
    const everyNameIsType =
      names !== undefined &&
      names.length > 0 &&
      names.every((name) => name === '' || name.startsWith('type '));
    const start = (match.index ?? 0) + (match[0].startsWith('\n') ? 1 : 0);
    yield {
      path,
      line: text.slice(0, start).split('\n').length,
      target: target.startsWith('.') ? join(dirname(path), target) : target,
      typesOnly: match[1] !== undefined || everyNameIsType
    };
  }
}
