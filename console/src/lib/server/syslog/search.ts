import type { ClickHouseClient } from '@vigie/store';
import type { RawRecord } from '@vigie/schemas/vault-format';
import { Binder, dateSql } from '../fhir/clause.ts';
import { ever, windowOf } from '../fhir/search.ts';
import { sharedRecords, syslogRecords, type SyslogRecord } from '../query/syslog-records.ts';
import { rawRecordsOf } from '../query/vault.ts';
import { readSyslog, type SyslogMessage } from './header.ts';
import { fitsHeader, type SyslogSearch } from './parse.ts';

/** Blocks that one request opens at most: each is a few megabytes to decrypt. */
const maxBlocks = 60;
const batch = 500;

export interface Position {
  readonly after: number;
  readonly collector: string;
  readonly seq: number;
}

export interface Found {
  readonly messages: readonly SyslogMessage[];
  /** Ids of the messages, `<collector>-audit-<sequence>`. */
  readonly ids: readonly string[];
  /** Where to go on: there may be more. */
  readonly next: Position | undefined;
}

/**
 * Messages that came by syslog, newest first, opened from the vault block by block. What the facts tell is asked of the
 * store, the rest of the header of each message.
 * @param blocks newest block of each collector that counts, so that pages stay as they were
 * @param key private key of the vault; the caller has told the log before
 */
export async function findMessages(
  client: ClickHouseClient,
  search: SyslogSearch,
  blocks: readonly (readonly [string, number])[],
  from: Position | undefined,
  scope: readonly string[],
  key: string
): Promise<Found> {
  const { question, values, window } = questionOf(search, blocks);
  const cache = new Map<string, ReadonlyMap<number, RawRecord>>();
  const messages: SyslogMessage[] = [];
  const ids: string[] = [];
  let opened = 0;
  let at: Position = from ?? { after: ever.to.getTime(), collector: '', seq: 0 };
  for (;;) {
    const bounds = {
      after: new Date(at.after),
      after_collector: at.collector,
      after_seq: at.seq,
      limit: batch
    };
    const records = await question.ask(client, { ...window, ...values, ...bounds, scope });
    const shared = await sharedAmong(client, records, scope);
    for (const record of records) {
      if (messages.length === search.count) return { messages, ids, next: at };
      const { collector, block, seq } = record;
      if (!shared.has(`${collector}-${seq}`)) {
        const name = `${collector}-${block}`;
        if (!cache.has(name)) {
          if (opened === maxBlocks) return { messages, ids, next: at };
          opened += 1;
          const raw = await rawRecordsOf(client, { collector, lane: 'audit', block }, key);
          // Two blocks at a time: neighbours in time are mostly neighbours in blocks.
          if (cache.size === 2) cache.delete([...cache.keys()][0] ?? '');
          cache.set(name, new Map((raw ?? []).map((one) => [one.seq, one])));
        }
        const raw = cache.get(name)?.get(seq)?.raw;
        const message = raw === undefined || raw.length === 0 ? undefined : readSyslog(raw);
        if (message && fitsHeader(message, search.header)) {
          messages.push(message);
          ids.push(`${collector}-audit-${seq}`);
        }
      }
      at = { after: record.recorded_at.getTime(), collector, seq };
    }
    if (records.length < batch) return { messages, ids, next: undefined };
  }
}

async function sharedAmong(
  client: ClickHouseClient,
  records: readonly SyslogRecord[],
  scope: readonly string[]
): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const found = await sharedRecords.ask(client, { ...ever, scope, seqs: records.map(({ seq }) => seq) });
  return new Set(found.map(({ collector, seq }) => `${collector}-${seq}`));
}

function questionOf(search: SyslogSearch, blocks: readonly (readonly [string, number])[]) {
  const binder = new Binder();
  const strings = (list: readonly string[]) => binder.bind('Array(String)', list);
  const bound = `(${blocks.map(([collector, block]) => `(collector = ${binder.bind('String', collector)} AND block <= ${binder.bind('UInt64', block)})`).join(' OR ') || '0'})`; // prettier-ignore
  const dates = search.dates.map((any) => `(${any.map((one) => dateSql('$recorded', one, binder)).join(' OR ')})`); // prettier-ignore
  const took = (requestor: 0 | 1) => (ids: readonly string[]) => `arrayExists((i, r) -> r = ${requestor} AND has(${strings(ids)}, i), participant_id, participant_requestor)`; // prettier-ignore
  const events = [
    ...search.events.map((codes) => `event_code IN ${strings(codes)}`),
    ...search.types.map((codes) => `hasAny(event_types, ${strings(codes)})`),
    ...search.requestors.map(took(1)),
    ...search.receivers.map(took(0))
  ];
  const everywhere = [bound, ...dates].join(' AND ');
  return {
    question: syslogRecords(
      [everywhere, ...events].join(' AND '),
      events.length === 0 ? everywhere : undefined
    ),
    values: binder.values,
    window: windowOf(search.dates.map((any) => ({ kind: 'date', column: 'recorded', any })))
  };
}
