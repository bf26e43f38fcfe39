import { tables, type Columns, type TableName } from '@vigie/schemas/tables';
import { rowOrders, type EvidenceTable } from '@vigie/evidence/row-order';
import { auditSyslog, counted, sendTcp } from './audit-messages.ts';
import { startTestCollector, type TestCollector } from './collector.ts';
import { startTestEngine, type TestEngine } from './engine.ts';
import { until } from './until.ts';

/** A small log with rows in every table that evidence covers, in many blocks, and copies to put it back from. */
export interface EvidenceLog {
  readonly engine: TestEngine;
  readonly collector: TestCollector;
  /** Runs a statement as the writer. */
  run(sql: string): Promise<void>;
  /** Puts every table back as it was. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const minute = (n: number) => new Date(1_764_000_000_000 + n * 60_000).toISOString();

/** JSON records of round `n`, each unlike any other. */
const records = (n: number): Record<string, object> => ({
  transfers: { observer: 'deepunity', grain: 'request', service: 'STOW', calling_ae: 'TRO_CT1', called_ae: 'DEEPUNITY', peer: '10.10.7.1', modality: 'CT', study: `1.2.250.1.999.${n}`, instances: n + 1, failures: 0, bytes: 111_149_056, duration_ms: 4200 + n, status: 'success' },
  exams: { milestone: 'signed', accession: `A${n}`, site: 'troyes', modality: 'CT', patient_id: `00${n}^^^&1.2.250.1.999.10.1&ISO`, actor: `medecin${n}`, actor_role: 'reader', actor_site: 'hpa', ...(n % 2 === 0 ? toldOfExam(n) : {}) },
  storage: { system: 'vna', pool: 'VNA-1', tier: 'nearline', capacity_bytes: 400_000_000_000_000, used_bytes: 251_000_000_000 + n, studies: n },
  volumes: { system: 'vna', tier: 'nearline', site: 'troyes', study: `1.2.250.1.999.${n}`, modality: 'CT', bytes: 1000 + n, instances: 212, reason: 'stored' },
  probes: { probe: 'portail-https', system: 'emage', kind: 'http', success: false, detail: 'timeout', latency_ms: n },
  usage: { system: 'ia', kind: 'ai-result', label: 'mammo', outcome: 'success', site: 'troyes', modality: 'MG', count: n + 1, period_seconds: 60, duration_ms: n },
  census: { system: 'vna', study_date: '2026-11-24', total: { studies: n + 1 }, counts: [{ site: 'troyes', modality: 'CT', studies: n + 1, instances: n, digest: '00000000000000ff' }], studies: [{ study: `1.2.250.1.999.${n}`, accession: `A${n}`, site: 'troyes', modality: 'CT', instances: n }] }
}); // prettier-ignore

/** What only some sources tell: rows with it are signed whole, rows without it as they were before there was any. */
const toldOfExam = (n: number) => ({
  milestone: n % 4 === 0 ? 'ended' : 'signed', study: `1.2.250.1.999.${n}`, told_at: minute(n), order_number: `P${n}`, step: `S${n}`, appointment_at: minute(n), visit: `V${n}`, acts: 1, ins_status: 'qualified',
  report_status: 'final', reader_level: 'group', organisation: 'telerad', reason: 'patient', instances: n, documents: 1, document_bytes: 1000 + n
}); // prettier-ignore

/** A patient's admission, as a block of MLLP. */
const admission = (n: number): Buffer =>
  Buffer.from(
    `\x0bMSH|^~\\&|RIS|TROYES|||20261124080500+0100||ADT^A01|E${n}|P|2.5.1\rEVN|A01|20261124080000+0100\rPID|||9${n}^^^GHT&1.2.250.1.999.10.1&ISO||DEMO\rPV1||I|CHIR^^^TROYES${'|'.repeat(16)}V${n}\r\x1c\r`
  );

/** A queue as an exporter tells it: vigie.yaml has a rule that makes a gauge of it. */
const queue = (n: number) => ({
  resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'imaging_jobs', gauge: { dataPoints: [{ timeUnixNano: `${Date.parse(minute(n))}000000`, asInt: String(n + 1), attributes: [{ key: 'state', value: { stringValue: 'pending' } }] }] } }] }] }]
}); // prettier-ignore

const signal = (n: number) => ({
  occurred_at: minute(n),
  code: 'source-silent',
  severity: 'warning',
  state: n % 2 === 0 ? 'opened' : 'closed',
  subject: `system-${n}`
});

/**
 * Fills a log through the collector's own receivers.
 * @param rounds each makes one block a lane, and takes a little more than a second
 */
export async function startEvidenceLog(rounds: number): Promise<EvidenceLog> {
  const engine = await startTestEngine();
  const collector = await startTestCollector(engine);
  const post = async (feed: string, key: string, body: object) => {
    const response = await fetch(`${collector.url}/v1/${feed}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body)
    });
    if (!response.ok) throw new Error(`${feed} answered ${response.status}: ${await response.text()}`);
  };
  const run = async (query: string) => {
    await engine.writer.command({
      query,
      clickhouse_settings: { insert_deduplicate: 0, mutations_sync: '2' }
    });
  };
  for (let round = 0; round < rounds; round++) {
    const numbers = Array.from({ length: 6 }, (_, i) => round * 6 + i);
    const frames = numbers.map((n) => auditSyslog(n, { at: new Date(1_764_000_000_000) }));
    const junk = [`<13>1 - - - - - - ni XML ${round}`, `<13>1 - - - - - - ni audit ${round}`];
    await sendTcp(
      collector.ports.syslog,
      [...frames, frames[0] ?? '', frames[1] ?? '', ...junk].map(counted)
    );
    for (const n of numbers.slice(0, 4)) {
      for (const [feed, record] of Object.entries(records(n)))
        await post(feed, collector.simulatorKey, { records: [{ occurred_at: minute(n), ...record }] });
      await post('metrics', collector.simulatorKey, queue(n));
      await post('own', collector.ownKey, signal(n));
    }
    await sendTcp(collector.ports.mllp, numbers.slice(0, 4).map(admission));
    await new Promise((resolve) => setTimeout(resolve, 1050));
  }
  const stored = async () => {
    const [row] = await engine.rows<{ n: number }>(
      `SELECT sum(received) AS n FROM ops.feed_minute AS f WHERE f.lane != 'own'`
    );
    return row?.n ?? 0;
  };
  await until(stored, (n) => n === rounds * (10 + 4 * (Object.keys(records(0)).length + 2)));
  await collector.stop();
  await run('CREATE DATABASE kept');
  const copy = (from: string, to: string) => run(`INSERT INTO ${to} SELECT * FROM ${from}`);
  const keptName = (table: string) => `kept.${table.replace('.', '_')}`;
  for (const table of Object.keys(tables)) {
    await run(`CREATE TABLE ${keptName(table)} AS ${table}`);
    await copy(table, keptName(table));
  }
  return {
    engine,
    collector,
    run,
    async restore() {
      for (const table of Object.keys(tables)) {
        await run(`TRUNCATE TABLE ${table}`);
        await copy(keptName(table), table);
      }
    },
    stop: () => engine.stop()
  };
}

/** Another value of a column's type. */
function other(column: string, type: string): string {
  const bare = type.replaceAll(/LowCardinality\((\w+)\)/g, '$1');
  const [, name = bare, argument = ''] = /^(\w+)\((.*)\)$/.exec(bare) ?? [];
  switch (name) {
    case 'String':
      return `concat(${column}, 'x')`;
    case 'FixedString':
      return `toFixedString(repeat('z', ${argument}), ${argument})`;
    case 'DateTime':
      return `addMinutes(${column}, 1)`;
    case 'DateTime64':
      return `addMilliseconds(${column}, 1)`;
    case 'Nullable':
      return `if(isNull(${column}), ${argument.startsWith('DateTime64') ? 'received_at' : argument.startsWith('Fixed') ? `toFixedString(repeat('z', 16), 16)` : '7'}, NULL)`;
    case 'Array':
      return `arrayPushBack(${column}, ${argument === 'String' ? `'x'` : argument === 'UInt8' ? '1' : `toFixedString(repeat('z', 16), 16)`})`;
    default:
      return `${column} + 1`;
  }
}

/** A row that was altered: where it was sealed. */
export interface Tampered {
  readonly column: string;
  readonly lane: string;
  readonly block: number;
  readonly seq: number;
}

/**
 * Alters one value of every column of a table, each in a row of its own, the rows spread over blocks as far as there are any.
 * @returns which rows, column by column
 */
export async function tamperEveryColumn(log: EvidenceLog, table: TableName): Promise<Tampered[]> {
  const columns: Columns = tables[table];
  const names = Object.keys(columns);
  const kept = `kept.${table.replace('.', '_')}`;
  const order = table === 'audit.block' ? 'block' : rowOrders[table as EvidenceTable];
  // Rows are numbered first of each block, then second of each block …
  const ranked = `SELECT *, row_number() OVER (PARTITION BY lane, block ORDER BY ${order}) AS rank FROM ${kept}`;
  const numbered = `SELECT *, row_number() OVER (ORDER BY rank, lane, block) - 1 AS n FROM (${ranked})`;
  const rows = await log.engine.rows<{ n: number; lane: string; block: number; seq: number }>(
    `SELECT n, lane, block, ${names.includes('seq') ? 'seq' : 'block AS seq'} FROM (${numbered}) ORDER BY n LIMIT ${names.length}`
  );
  if (rows.length < names.length)
    throw new Error(`${table} has ${rows.length} rows for its ${names.length} columns`);
  const values = names.map(
    (name, n) => `if(n = ${n}, ${other(`k.${name}`, columns[name] ?? '')}, k.${name})`
  );
  await log.run(`TRUNCATE TABLE ${table}`);
  await log.run(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM (${numbered}) AS k`
  );
  return names.map((column, n) => ({ column, ...rows[n]! }));
}
