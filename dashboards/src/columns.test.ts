import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Column } from './column.ts';
import { loadBoards } from './load.ts';
import { BoardBench } from './testkit.ts';

let bench: BoardBench;
beforeAll(async () => {
  bench = await BoardBench.start();
});
afterAll(() => bench.engine.stop());

const numeric = /^(?:Nullable\()?(?:U?Int(?:8|16|32|64)|Float64)\)?$/;
const fits: Partial<Record<Column['type'], RegExp>> = {
  time: /DateTime/,
  bucket: /DateTime/,
  day: /^Date$/,
  month: /^Date$/,
  hour: numeric,
  weekday: numeric,
  count: numeric,
  number: numeric,
  bytes: numeric,
  percent: numeric,
  change: numeric,
  duration: numeric,
  money: numeric,
  days: numeric
};

const questions = loadBoards().flatMap((board) =>
  board.panels.flatMap((panel) => [
    { name: `${board.id}/${panel.id}`, sql: panel.sql, columns: panel.columns, by: [] as string[] },
    ...(panel.rows === undefined
      ? []
      : [
          {
            name: `${board.id}/${panel.id} rows`,
            sql: panel.rows.sql,
            columns: panel.rows.columns,
            by: panel.rows.by
          }
        ])
  ])
);

test.each(questions)(
  '$name returns, on an empty store, the columns it declares, of fitting types',
  async ({ sql, columns, by }) => {
    const answer = await bench.columns(sql, Object.fromEntries(by.map((name) => [name, '*'])));
    const told = new Map(answer.map((column) => [column.name, column.type]));
    expect([...told.keys()].toSorted()).toEqual(columns.map((column) => column.name).toSorted());
    for (const column of columns)
      expect(told.get(column.name), column.name).toMatch(fits[column.type] ?? /String|Int8/);
  }
);
