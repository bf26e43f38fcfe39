import { TupleParam } from '@clickhouse/client';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import type { Panel } from './panel.ts';
import { loadBoards } from './load.ts';
import { encodeParameters, type ParameterValues } from './parameters.ts';

/** A day of Paris in the middle of nothing special: values of every parameter, to be overridden by a test. */
export const values: ParameterValues = {
  from: new Date('2026-11-01T00:00:00+01:00'),
  to: new Date('2026-12-01T00:00:00+01:00'),
  complete: new Date('2026-11-24T00:00:00+01:00'),
  before_from: new Date('2026-10-01T00:00:00+02:00'),
  before_to: new Date('2026-10-24T00:00:00+02:00'),
  now: new Date('2026-11-24T08:05:00+01:00'),
  tz: 'Europe/Paris',
  grain: 'day',
  scope: ['', 'ch-troyes', 'hpa'],
  sites: ['', 'troyes', 'hpa'],
  tariffs: [['deepunity', 'online', 60, '2026-01-01', '2149-06-06']],
  objectives: [['pacs', ['pacs-echo'], 300, 99.9, '']],
  modalities: [],
  hours: []
};

/** The boards on the real engine, asked the way the console asks. */
export class BoardBench {
  readonly engine: TestEngine;
  private constructor(engine: TestEngine) {
    this.engine = engine;
  }

  static async start(): Promise<BoardBench> {
    return new BoardBench(await startTestEngine());
  }

  /** Inserts JSON rows; columns left out take their defaults. */
  async insert(table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
    await this.engine.writer.insert({ table, values: rows, format: 'JSONEachRow' });
  }

  /** Names and types of what a statement returns. */
  async columns(sql: string, extra: Record<string, string> = {}): Promise<{ name: string; type: string }[]> {
    const result = await this.#query(sql, {}, extra).asJson();
    return (await result.json()).meta ?? [];
  }

  async ask(
    sql: string,
    changed: Partial<ParameterValues> = {},
    extra: Record<string, string> = {}
  ): Promise<Record<string, unknown>[]> {
    const result = await this.#query(sql, changed, extra).asRows();
    return result.json();
  }

  #query(query: string, changed: Partial<ParameterValues>, extra: Record<string, string>) {
    const bound = encodeParameters({ ...values, ...changed }, query, (parts) => new TupleParam(parts));
    const query_params = { ...bound, ...extra };
    return {
      asJson: () => this.engine.reader.query({ query, query_params, format: 'JSON' }),
      asRows: () => this.engine.reader.query({ query, query_params, format: 'JSONEachRow' })
    };
  }

  async panel(board: string, panel: string, changed: Partial<ParameterValues> = {}) {
    return this.ask(panelOf(board, panel).sql, changed);
  }
}

const boards = loadBoards();

export function panelOf(board: string, panel: string): Panel {
  const found = boards.find((one) => one.id === board)?.panels.find((one) => one.id === panel);
  if (found === undefined) throw new Error(`no panel ${board}/${panel}`);
  return found;
}
