/** A file of the repository as the gates see it; `path` is relative to the root, with slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Something a gate found: where, what is wrong, how to mend it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly wrong: string;
  readonly mend: string;
}

/** A rule of this repository, pure over its files. */
export type Gate = (sources: readonly Source[]) => Finding[];

export const isCode = (path: string): boolean => /\.(?:ts|mjs|js|svelte)$/.test(path);
export const isTest = (path: string): boolean => /\.test\.ts$/.test(path);

/** Lines of a text that match, with their numbers. */
export function* linesMatching(text: string, pattern: RegExp): Generator<{ line: number; content: string }> {
  for (const [index, content] of text.split('\n').entries())
    if (pattern.test(content)) yield { line: index + 1, content };
}
