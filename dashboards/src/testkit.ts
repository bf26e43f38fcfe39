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
  scope: ['', 'ch-troyes', 'troyes', 'hpa'],
  sites: ['', 'troyes', 'hpa'],
  system: 'deepunity',
  tariffs: [['deepunity', 'online', 60, '2026-01-01', '2149-06-06']],
  objectives: [['pacs', ['pacs-echo'], 300, 99.9, '']],
  modalities: [],
  hours: [],
  opening: [],
  targets: [],
  rooms: [],
  fees: [],
  archives: [
    ['deepunity', 'pacs'],
    ['vna', 'vna'],
    ['pulsy', 'archive']
  ],
  buffer: 0,
  nodes: [],
  networks: []
};

class Tuple {
  readonly parts: readonly unknown[];
  constructor(parts: readonly unknown[]) {
    this.parts = parts;
  }
}

/** A value as ClickHouse reads it in a parameter. */
function literal(value: unknown): string {
  if (value instanceof Date) return String(value.getTime() / 1000);
  if (value instanceof Tuple) return `(${value.parts.map(literal).join(',')})`;
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

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
    const text = await this.#post(`${sql} FORMAT JSON`, {}, extra);
    return (JSON.parse(text) as { meta: { name: string; type: string }[] }).meta;
  }

  async ask(
    sql: string,
    changed: Partial<ParameterValues> = {},
    extra: Record<string, string> = {}
  ): Promise<Record<string, unknown>[]> {
    const text = await this.#post(`${sql} FORMAT JSONEachRow`, changed, extra);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async #post(
    sql: string,
    changed: Partial<ParameterValues>,
    extra: Record<string, string>
  ): Promise<string> {
    const bound = encodeParameters({ ...values, ...changed }, sql, (parts) => new Tuple(parts));
    const { url, readerAddress } = this.engine;
    const address = new URL(url);
    for (const [name, value] of Object.entries({ ...bound, ...extra }))
      address.searchParams.set(`param_${name}`, typeof value === 'string' ? value : literal(value));
    address.searchParams.set('output_format_json_quote_64bit_integers', '0');
    address.searchParams.set('date_time_output_format', 'iso');
    const response = await fetch(address, {
      method: 'POST',
      body: sql,
      headers: { 'x-clickhouse-user': readerAddress.username, 'x-clickhouse-key': readerAddress.password }
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
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
