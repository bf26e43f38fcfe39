import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { drainPending, Session } from 'chdb';
import { streamAnswer, summary, wholeAnswer } from './answer.ts';
import { withDataFile, type Body, type Scratch } from './body.ts';
import { EngineError, engineError } from './error.ts';
import { Gate } from './gate.ts';
import { readIncoming } from './incoming.ts';
import { killWhenGone } from './killer.ts';
import { quote } from './lexer.ts';
import { permit } from './permit.ts';
import type { EngineRequest, Role } from './request.ts';
import { aroundStatement, limits } from './settings.ts';
import { connectionArgs } from './setup.ts';
import { Slot, type Job, type Outcome } from './slot.ts';
import type { Statement } from './statement.ts';

export interface EngineOptions {
  readonly dataFolder: string;
  /** Folder in memory for insert bodies in flight, where the system has one. */
  readonly memoryFolder: string | undefined;
  /** What all queries, inserts and merges together may take. */
  readonly memoryBytes: number;
}

/** As many questions as two cores can answer at once, and inserts apart from them, so that neither waits for the other. */
const slots: Readonly<Record<Role, { size: number; queueLimit: number; waitMs: number }>> = {
  reader: { size: 4, queueLimit: 128, waitMs: 20_000 },
  writer: { size: 3, queueLimit: 64, waitMs: 60_000 }
};
const roles = ['reader', 'writer'] as const;

/** One request's way through the engine. */
interface Visit {
  readonly asked: EngineRequest;
  readonly response: ServerResponse;
  readonly gone: AbortController;
}
type Lent = Omit<Job, 'sql'> & { readonly slot: Slot; readonly mark: string };

/**
 * The embedded ClickHouse engine (chDB): statements in, answers out, the way ClickHouse's HTTP interface does it.
 * Its tables lie in `engine/` of the data folder; one process at a time has them.
 */
export class Engine {
  readonly #options: EngineOptions;
  readonly #scratch: Scratch;
  /** Keeps the tables open, and kills. */
  readonly #keeper: Session;
  readonly #initial: ReadonlyMap<string, string>;
  readonly #slots: readonly Slot[];
  readonly #gates: Readonly<Record<Role, Gate<Slot>>>;

  private constructor(
    options: EngineOptions,
    scratch: Scratch,
    keeper: Session,
    initial: ReadonlyMap<string, string>,
    pools: Readonly<Record<Role, readonly Slot[]>>
  ) {
    this.#options = options;
    this.#scratch = scratch;
    this.#keeper = keeper;
    this.#initial = initial;
    this.#slots = roles.flatMap((role) => pools[role]);
    const gate = (role: Role) => new Gate(pools[role], slots[role].queueLimit, slots[role].waitMs);
    this.#gates = { reader: gate('reader'), writer: gate('writer') };
  }

  /** Opens the tables. @throws when the folder is in use or cannot be written */
  static async open(options: EngineOptions): Promise<Engine> {
    const path = join(options.dataFolder, 'engine');
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const args = connectionArgs(join(options.dataFolder, 'run'), options.memoryBytes);
    const session = () => new Session(path, { connectionArgs: args });
    // The first session locks the folder: only then may what another start left in the scratch folders go.
    const keeper = session();
    const scratch: Scratch = {
      memory: options.memoryFolder,
      disk: join(options.dataFolder, 'engine-scratch')
    };
    for (const folder of folders(scratch)) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    const pipe = (role: Role, i: number) => join(scratch.disk, `${role}-${i}.pipe`);
    const pool = (role: Role) =>
      Array.from({ length: slots[role].size }, (_, i) => new Slot(role, pipe(role, i), session));
    const pools = { reader: pool('reader'), writer: pool('writer') };
    execFileSync('mkfifo', ['-m', '600', ...roles.flatMap((role) => pools[role].map((one) => one.pipePath))]);
    return new Engine(options, scratch, keeper, await changedSettings(keeper), pools);
  }

  /** Serves one request. @throws {EngineError} what could not be told in an answer already begun */
  async serve(asked: EngineRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    const left = () => {
      if (!response.writableFinished) gone.abort();
    };
    response.on('close', left);
    try {
      const { sql, statement, parameters, data } = await readIncoming(asked, request);
      permit(asked.role, request.method ?? 'GET', statement, sql);
      const visit = { asked: { ...asked, parameters }, response, gone };
      if (statement.kind === 'output') await this.#answer(visit, sql, statement);
      else if (data) await this.#insert(visit, statement, data, toldSize(request));
      else await this.#command(visit, sql);
    } finally {
      response.off('close', left);
    }
  }

  /** Refuses who waits, ends what runs, closes the tables. */
  async close(): Promise<void> {
    for (const role of roles) this.#gates[role].close();
    await this.#keeper
      .queryAsync("KILL QUERY WHERE Settings['log_comment'] != ''", { format: 'Null' })
      .catch(() => undefined);
    await Promise.race([drainPending(), sleep(2000, undefined, { ref: false })]);
    for (const slot of this.#slots) slot.close();
    this.#keeper.close();
    for (const folder of folders(this.#scratch)) rmSync(folder, { recursive: true, force: true });
  }

  async #answer(visit: Visit, sql: string, statement: Extract<Statement, { kind: 'output' }>): Promise<void> {
    const { asked, response, gone } = visit;
    const format = statement.format ?? asked.format ?? 'TabSeparated';
    if (!/^\w+$/.test(format))
      throw new EngineError(73, 'UNKNOWN_FORMAT', 'A format name holds letters, digits and _');
    await this.#lend(visit, sql, async ({ slot, mark, ...job }) => {
      const ours = `\nINTO OUTFILE ${quote(slot.pipePath)} APPEND FORMAT ${format}`;
      const run = slot.runIntoPipe({ ...job, sql: `${statement.body}${ours}${clause(statement.settings)}` });
      const ended = killWhenGone(this.#keeper, gone.signal, mark, run.outcome);
      const answer = { ...run, format, compress: asked.compress, ours, gone };
      try {
        if (asked.whole) await wholeAnswer(response, answer, join(this.#scratch.disk, `${mark}.answer`));
        else await streamAnswer(response, answer);
      } catch (error) {
        gone.abort();
        throw error;
      } finally {
        run.rows.destroy();
        // The session is free only when its query has ended.
        await ended;
      }
    });
  }

  async #insert(visit: Visit, statement: Statement, data: Body, size: number | undefined): Promise<void> {
    if (statement.kind !== 'insert' && statement.kind !== 'values')
      throw new TypeError('only an INSERT has data');
    const [format, settings] =
      statement.kind === 'insert' ? [statement.format, statement.settings] : ['Values', ''];
    const put = (path: string) =>
      this.#lend(visit, statement.head, async (lent) => {
        const from = `FROM INFILE ${quote(path)}${clause(settings)} FORMAT ${format}`;
        const outcome = await this.#run(visit, lent, `${statement.head} ${from}`);
        if ('error' in outcome) throw engineError(outcome.error.replaceAll(path, 'the body'));
        visit.response.writeHead(200, summary(outcome, 'written')).end();
      });
    await withDataFile(this.#scratch, randomUUID(), data, size, put);
  }

  async #command(visit: Visit, sql: string): Promise<void> {
    await this.#lend(visit, sql, async (lent) => {
      const outcome = await this.#run(visit, lent, sql);
      if ('error' in outcome) throw engineError(outcome.error);
      visit.response.writeHead(200, summary(outcome)).end(outcome.text);
    });
  }

  async #run({ gone }: Visit, { slot, mark, ...job }: Lent, sql: string): Promise<Outcome> {
    const running = slot.run({ ...job, sql });
    await killWhenGone(this.#keeper, gone.signal, mark, running);
    return running;
  }

  #lend({ asked, gone }: Visit, sql: string, use: (lent: Lent) => Promise<void>): Promise<void> {
    const mark = randomUUID();
    const limit = limits(asked.role, this.#options.memoryBytes);
    const around = aroundStatement(sql, asked, limit, mark, this.#initial);
    const format = /^\w+$/.test(asked.format ?? '') ? (asked.format ?? '') : 'TabSeparated';
    const { database } = asked;
    return this.#gates[asked.role].with(gone.signal, (slot) =>
      use({ slot, mark, ...around, database, format })
    );
  }
}

const clause = (settings: string) => (settings === '' ? '' : ` SETTINGS ${settings}`);
const folders = ({ disk, memory }: Scratch) => (memory === undefined ? [disk] : [disk, memory]);

function toldSize({ headers }: IncomingMessage): number | undefined {
  const plain = headers['content-encoding'] === undefined && headers['content-length'] !== undefined;
  return plain ? Number(headers['content-length']) : undefined;
}

/** Settings that chDB starts with other values than ClickHouse's own: DEFAULT would not bring them back. */
async function changedSettings(session: Session): Promise<Map<string, string>> {
  const result = await session.queryAsync('SELECT name, value FROM system.settings WHERE changed', {
    format: 'JSONCompactEachRow'
  });
  const lines = result.text().split('\n').filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line) as [string, string]));
}
