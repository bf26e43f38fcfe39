/** One number of a panel and the lines (a site, a month, the whole) whose sums a reader may know from elsewhere. */
export interface Cell {
  readonly size: number;
  readonly lines: readonly string[];
}

/**
 * Cells to withhold: those above zero and below the threshold, and others with them, so that no sum of a line tells what is withheld.
 * Of a line with a withheld cell at least two are, together of the threshold at least; and no withheld cell is what remains of the
 * sums of its lines (a bridge of the graph whose vertices are lines and whose edges are withheld cells).
 * @returns places in `cells`
 */
export function withheldCells(cells: readonly Cell[], below: number): ReadonlySet<number> {
  const hidden = new Set(cells.flatMap(({ size }, at) => (size > 0 && size < below ? [at] : [])));
  if (hidden.size === 0) return hidden;
  const lines = new Map<string, number[]>();
  cells.forEach(({ size, lines: mine }, at) => {
    if (size <= 0) return;
    for (const line of mine) push(lines, line, at);
  });
  // Smallest first: what is given up for the others is as little as can be.
  for (const of of lines.values()) of.sort((a, b) => (cells[a]?.size ?? 0) - (cells[b]?.size ?? 0) || a - b);
  for (let before = -1; before !== hidden.size;) {
    before = hidden.size;
    for (const of of lines.values()) widen(of, cells, hidden, below);
    // One at a time, since one more cell often protects many; of a large panel many at a time.
    const found = told(cells, hidden);
    for (const at of found.slice(0, cells.length > 2000 ? found.length : 1))
      protect(at, cells, lines, hidden);
  }
  return hidden;
}

/** Withholds more of a line until what is withheld of it are two cells at least, and enough together. */
function widen(of: readonly number[], cells: readonly Cell[], hidden: Set<number>, below: number): void {
  const within = of.filter((at) => hidden.has(at));
  if (within.length === 0) return;
  let count = within.length;
  let sum = within.reduce((total, at) => total + (cells[at]?.size ?? 0), 0);
  for (const at of of) {
    if (count >= 2 && sum >= below) return;
    if (hidden.has(at)) continue;
    hidden.add(at);
    count += 1;
    sum += cells[at]?.size ?? 0;
  }
}

/** Withholds one more cell beside one that is told by its sums: where other cells are withheld already, if there is one. */
function protect(
  at: number,
  cells: readonly Cell[],
  lines: ReadonlyMap<string, readonly number[]>,
  hidden: Set<number>
): void {
  const beside = (cells[at]?.lines ?? []).flatMap((line) => lines.get(line) ?? []);
  const open = beside.filter((one) => !hidden.has(one));
  const crossed = (one: number) =>
    (cells[one]?.lines ?? []).filter((line) => lines.get(line)?.some((other) => hidden.has(other))).length;
  const [best] = open.toSorted(
    (a, b) => crossed(b) - crossed(a) || (cells[a]?.size ?? 0) - (cells[b]?.size ?? 0) || a - b
  );
  if (best !== undefined) {
    hidden.add(best);
    return;
  }
  // Its lines are withheld whole: the nearest cell of another line joins.
  const next = cells.findIndex(({ size }, one) => size > 0 && !hidden.has(one));
  if (next >= 0) hidden.add(next);
}

/** Withheld cells of two lines that the sums tell: the bridges, found depth first (Tarjan). */
function told(cells: readonly Cell[], hidden: ReadonlySet<number>): number[] {
  const edges = new Map<string, { to: string; at: number }[]>();
  const join = (from: string, to: string, at: number) => push(edges, from, { to, at });
  for (const at of hidden) {
    const [a, b] = cells[at]?.lines ?? [];
    if (a === undefined || b === undefined) continue;
    join(a, b, at);
    join(b, a, at);
  }
  const seen = new Map<string, number>();
  const low = new Map<string, number>();
  const bridges: number[] = [];
  for (const root of edges.keys()) {
    if (seen.has(root)) continue;
    const stack = [{ line: root, by: -1, next: 0 }];
    seen.set(root, seen.size);
    low.set(root, seen.get(root) ?? 0);
    while (stack.length > 0) {
      const top = stack.at(-1);
      if (top === undefined) break;
      const edge = (edges.get(top.line) ?? [])[top.next++];
      if (edge === undefined) {
        stack.pop();
        const up = stack.at(-1);
        if (up === undefined) continue;
        low.set(up.line, Math.min(low.get(up.line) ?? 0, low.get(top.line) ?? 0));
        if ((low.get(top.line) ?? 0) > (seen.get(up.line) ?? 0)) bridges.push(top.by);
      } else if (edge.at !== top.by) {
        if (seen.has(edge.to)) low.set(top.line, Math.min(low.get(top.line) ?? 0, seen.get(edge.to) ?? 0));
        else {
          seen.set(edge.to, seen.size);
          low.set(edge.to, seen.get(edge.to) ?? 0);
          stack.push({ line: edge.to, by: edge.at, next: 0 });
        }
      }
    }
  }
  return bridges;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
