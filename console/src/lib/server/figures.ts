import type { Board, Row } from '@vigie/dashboards';
import type { Config } from '@vigie/schemas';
import type { ClickHouseClient } from '@vigie/store';
import { z } from 'zod';
import { ask } from './board/run.ts';

/** Figures that other pages share with a board: asked with the board's own SQL, so that they cannot differ from it. */
export interface FigureRun {
  readonly client: ClickHouseClient;
  readonly config: Config;
  readonly scope: readonly string[];
  readonly now: Date;
}

export const Availability = z.object({
  objective: z.string(),
  state: z.enum(['unknown', 'lost', 'tight', 'kept']),
  available: z.number().nullable(),
  target: z.number(),
  left_minutes: z.number().nullable(),
  left_share: z.number().nullable(),
  last_available: z.number().nullable()
});
export type Availability = z.infer<typeof Availability>;

export const Pool = z.object({
  system: z.string(),
  pool: z.string(),
  used: z.number(),
  capacity: z.number().nullable(),
  used_share: z.number().nullable(),
  full_days: z.number().nullable(),
  state: z.string()
});
export type Pool = z.infer<typeof Pool>;

/** Figures of a month do not move within this time, and several readers and parts of a page ask for the same ones. */
const keptMs = 15_000;
const kept = new Map<string, { readonly at: number; readonly rows: Promise<Row[]> }>();

/** Rows of a panel, asked at most once in `keptMs` for one scope. What failed is asked again. */
function panelRows(board: Board, panelId: string, run: FigureRun): Promise<Row[]> {
  const key = `${board.id}/${panelId}/${run.scope.join()}`;
  const at = run.now.getTime();
  const known = kept.get(key);
  if (known && at - known.at < keptMs && at >= known.at) return known.rows;
  const rows = askPanel(board, panelId, run);
  kept.set(key, { at, rows });
  rows.catch(() => kept.delete(key));
  return rows;
}

async function askPanel(board: Board, panelId: string, run: FigureRun): Promise<Row[]> {
  const panel = board.panels.find((one) => one.id === panelId);
  if (!panel) throw new Error(`the board ${board.id} has no panel ${panelId}`);
  const { client, config, scope, now } = run;
  return ask(board, panel, panel.sql, {}, {
    client,
    config,
    now,
    reader: { role: 'dsi', scope },
    language: 'fr',
    period: { from: new Date(now.getTime() - 86_400_000), to: now },
    sites: [],
    requestId: '',
    report: () => undefined
  }); // prettier-ignore
}

/** Availability of each objective this month, as the page Engagements tells it. */
export const availability = async (sla: Board, run: FigureRun): Promise<Availability[]> =>
  z.array(Availability).parse(await panelRows(sla, 'availability', run));

/** Storage pools with their days to full, as the page Stockage tells them. */
export const pools = async (storage: Board, run: FigureRun): Promise<Pool[]> =>
  z.array(Pool).parse(await panelRows(storage, 'pools', run));
