import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadBoards } from '@vigie/dashboards/load';
import { suppress } from './suppress.ts';

const below = 11;
const rule = { columns: ['n'], below, with: [], roles: ['direction' as const] };
const matrix = { kind: 'matrix' as const, x: 'b', y: 'a', suppress: [rule] };
const bars = { kind: 'bar' as const, x: 'a', suppress: [rule] };

type Line = Readonly<{ a: string; b: string; n: number }>;

/** Tables with small cells among large ones, some cells missing. */
const tables = (rows: number, columns: number) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 0, max: 400 })), {
      minLength: rows * columns,
      maxLength: rows * columns
    })
    .map((sizes): Line[] =>
      sizes.flatMap((n, at) =>
        n === 0 ? [] : [{ a: `r${Math.floor(at / columns)}`, b: `c${at % columns}`, n }]
      )
    );
const size = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }));

/** What a reader can work out: unknowns (withheld cells) that the published sums of lines leave only one value for. */
function recovered(unknowns: readonly Line[], lines: readonly ((one: Line) => boolean)[]): number[] {
  const equations = lines.map((line) => unknowns.map((one) => (line(one) ? 1 : 0)));
  const rows = reduced(equations);
  // In reduced form an unknown is told when its row holds nothing but itself.
  return rows.flatMap((row) => {
    const places = row.flatMap((value, at) => (Math.abs(value) > 1e-9 ? [at] : []));
    return places.length === 1 ? places : [];
  });
}

function reduced(equations: readonly (readonly number[])[]): number[][] {
  const rows = equations.map((row) => [...row]);
  let pivot = 0;
  for (let column = 0; column < (rows[0]?.length ?? 0) && pivot < rows.length; column++) {
    const found = rows.findIndex((row, at) => at >= pivot && Math.abs(row[column] ?? 0) > 1e-9);
    if (found < 0) continue;
    [rows[pivot], rows[found]] = [rows[found] ?? [], rows[pivot] ?? []];
    const top = rows[pivot] ?? [];
    const lead = top[column] ?? 1;
    for (let i = 0; i < top.length; i++) top[i] = (top[i] ?? 0) / lead;
    rows.forEach((row, at) => {
      const factor = row[column] ?? 0;
      if (at === pivot || factor === 0) return;
      for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) - factor * (top[i] ?? 0);
    });
    pivot += 1;
  }
  return rows;
}

const hiddenOf = (told: ReturnType<typeof suppress>, rows: readonly Line[]) =>
  rows.filter((_, at) => told.withheld[`${at}.n`] !== undefined);
const sum = (rows: readonly Line[]) => rows.reduce((total, one) => total + one.n, 0);

test('no cell below the threshold is shown, and no cell without one beside it is withheld', () => {
  fc.assert(
    fc.property(
      size.chain(([r, c]) => tables(r, c)),
      (rows) => {
        const told = suppress(matrix, 'direction', rows);
        for (const row of told.rows) expect(row['n'] === null || Number(row['n']) >= below).toBe(true);
        if (rows.every(({ n }) => n >= below)) expect(told.withheld).toEqual({});
      }
    )
  );
});

test('no total, row or column tells a withheld cell by subtraction, however they are combined', () => {
  fc.assert(
    fc.property(
      size.chain(([r, c]) => tables(r, c)),
      (rows) => {
        const told = suppress(matrix, 'direction', rows);
        const hidden = hiddenOf(told, rows);
        const lines = (['a', 'b'] as const).flatMap((axis) =>
          [...new Set(rows.map((one) => one[axis]))]
            // A sum that is itself small is published nowhere.
            .filter((name) => sum(rows.filter((one) => one[axis] === name)) >= below)
            .map((name) => (one: Line) => one[axis] === name)
        );
        const grand = sum(rows) >= below ? [() => true] : [];
        const found = recovered(hidden, [...lines, ...grand]).map((at) => hidden[at]);
        // Where everything is withheld there is nothing left to give up: then only what is large in itself may be told.
        if (hidden.length < rows.length)
          expect(found.filter((one) => one !== undefined && one.n < below)).toEqual([]);
      }
    ),
    { numRuns: 2000 }
  );
});

test('a total tells nothing of a list: what is withheld of it is two at least, and enough together', () => {
  fc.assert(
    fc.property(tables(8, 1), (rows) => {
      const hidden = hiddenOf(suppress(bars, 'direction', rows), rows);
      if (hidden.length === 0 || hidden.length === rows.length) return;
      expect(hidden.length).toBeGreaterThanOrEqual(2);
      expect(sum(hidden)).toBeGreaterThanOrEqual(below);
    })
  );
});

test('a second period, a share or a change that would tell a withheld number goes with it', () => {
  const panel = {
    kind: 'bar' as const,
    x: 'a',
    suppress: [{ ...rule, columns: ['n', 'before'], with: ['change'] }]
  };
  const rows = [
    { a: 'x', n: 40, before: 5, change: 700 },
    { a: 'y', n: 60, before: 30, change: 100 },
    { a: 'z', n: 90, before: 90, change: 0 }
  ];
  const told = suppress(panel, 'direction', rows);
  expect(told.rows).toEqual([
    { a: 'x', n: 40, before: null, change: null },
    { a: 'y', n: 60, before: null, change: null },
    { a: 'z', n: 90, before: 90, change: 0 }
  ]);
  expect(suppress(panel, 'dsi', rows).rows).toEqual(rows);
});

test('figures of staff are kept back for groups under five', () => {
  const panel = {
    kind: 'table' as const,
    suppress: [{ ...rule, on: 'people', columns: ['mean'], with: ['people'], below: 5 }]
  };
  const rows = [
    { people: 4, mean: 12.5 },
    { people: 7, mean: 11 },
    { people: 9, mean: 10 }
  ];
  expect(suppress(panel, 'direction', rows).rows).toEqual([
    { people: null, mean: null },
    { people: null, mean: null },
    { people: 9, mean: 10 }
  ]);
});

test('what a copy lacks is not told to directors by what it has', () => {
  const panel = loadBoards()
    .find(({ id }) => id === 'arrival')
    ?.panels.find(({ id }) => id === 'copies');
  if (panel === undefined) throw new Error('no panel arrival/copies');
  const copy = (system: string, waiting: number) => ({
    system, studies: 400, waiting, late: 2, copied: 100 - waiting / 4, at_risk: 5e6 * waiting, unknown_size: 0, oldest: 9e7, course: 'waiting'
  }); // prettier-ignore
  const { rows } = suppress(panel, 'direction', [copy('vna', 4), copy('pulsy', 40)]);
  expect(rows[0]).toMatchObject({ studies: 400, waiting: null, late: null, copied: null, at_risk: null });
  expect(rows[1]).toMatchObject({ studies: 400, waiting: 40, late: null, copied: 90, oldest: null });
});
