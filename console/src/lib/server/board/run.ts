import { TupleParam, type ClickHouseClient } from '@clickhouse/client';
import { encodeParameters, type Board, type Panel, type Row } from '@vigie/dashboards';
import type { Config } from '@vigie/schemas';
import { z } from 'zod';
import type { ShownBoard } from '#lib/board/shown.ts';
import type { Compare } from '#lib/period.ts';
import type { Language } from '#lib/text/language.ts';
import type { Reader } from '../access/reader.ts';
import { define } from '../query/define.ts';
import { parameterValues } from './parameters.ts';
import { headlineOf, namesOf, shownPanel } from './shown.ts';
import { windowOf, type Span } from './window.ts';

/** Everything a board is run with; clock and client are arguments. */
export interface BoardRun {
  readonly client: ClickHouseClient;
  readonly config: Config;
  readonly reader: Pick<Reader, 'role' | 'scope'>;
  readonly language: Language;
  readonly period: Span;
  /** What changes are told against; the span just before when left out. */
  readonly compare?: Compare;
  /** Sites chosen at the top of the page; empty for all. */
  readonly sites: readonly string[];
  /** The system a page about one system is about. */
  readonly system?: string;
  readonly now: Date;
  readonly requestId: string;
  readonly report: (panel: string, error: unknown) => void;
  readonly signal?: AbortSignal;
}

const AnyRow = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/**
 * Asks every panel the reader may see, at once. A panel that fails is reported and marked; the others stand.
 */
export async function runBoard(board: Board, run: BoardRun): Promise<ShownBoard> {
  const names = namesOf(run.config, run.language, run.reader);
  const kind = run.config.systems.find(({ id }) => id === run.system)?.kind;
  const mine = board.panels
    .filter((panel) => panel.roles?.includes(run.reader.role) ?? true)
    .filter((panel) => kind === undefined || (panel.kinds?.includes(kind) ?? true));
  const panels = await Promise.all(
    mine.map(async (panel) => {
      const window = windowIn(panel, run);
      const told = await ask(board, panel, panel.sql, {}, run).then(
        (rows) => ({ rows }),
        (error: unknown) => {
          run.report(`${board.id}/${panel.id}`, error);
          return { failed: run.requestId };
        }
      );
      return shownPanel(panel, told, window, run.reader.role, names);
    })
  );
  return {
    id: board.id,
    title: board.title[run.language],
    question: board.question[run.language],
    headline: headlineOf(board, panels, run.language),
    now: run.now.toISOString(),
    panels,
    names,
    ...(run.system !== undefined && { system: run.system })
  };
}

const windowIn = (panel: Panel, run: BoardRun) =>
  windowOf(panel, run.period, run.now, run.config.organisation.timezone, run.compare);

/** Runs one statement of a panel in its window. `extra` are the text parameters of a drill-down. */
export function ask(
  board: Pick<Board, 'id'>,
  panel: Panel,
  sql: string,
  extra: Readonly<Record<string, string>>,
  run: BoardRun
): Promise<Row[]> {
  const window = windowIn(panel, run);
  const { scope: seen } = run.reader;
  const asked = { scope: seen, sites: run.sites, system: run.system };
  const values = parameterValues(run.config, asked, window, run.now);
  const bound = encodeParameters(values, sql, (parts) => new TupleParam(parts));
  const question = define({ name: `board/${board.id}/${panel.id}`, sql, row: AnyRow });
  const { scope, from, to } = values;
  return question.ask(run.client, { ...bound, ...extra, scope, from, to }, run.signal);
}
