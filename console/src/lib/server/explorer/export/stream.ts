import { createHash } from 'node:crypto';
import type { ClickHouseClient } from '@vigie/store';
import type { Window } from '#lib/explorer/window.ts';
import type { Reader } from '../../access/reader.ts';
import { may } from '../../access/pages.ts';
import { context } from '../../context.ts';
import { headersOfBlocks, type ExportRow } from '../../query/export-rows.ts';
import { asked, addressOf } from '../filter.ts';
import { visibleRow } from '../visible.ts';
import type { Export } from './exports.ts';
import { writers } from './formats.ts';
import { signedManifest, type BlockHeader } from './manifest.ts';
import { exportRows } from './rows.ts';

export const fileName = (one: Pick<Export, 'id' | 'format' | 'askedAt'>): string =>
  `vigie-acces-${one.askedAt.toISOString().slice(0, 19).replaceAll(':', '')}-${one.id}.${writers[one.format].extension}`;

/** A DSI's file tells what a DSI's page does: no person, patient, study, nor where a person sat. */
function shown(reader: Reader, row: ExportRow): ExportRow {
  if (may(reader.role, 'see-pseudonyms')) return row;
  const person = (kind: string | undefined) => kind === 'person';
  return {
    ...visibleRow(reader, row),
    access_point: person(row.actor_kind) ? '' : row.access_point,
    participant_id: row.participant_id.map((id, i) => (person(row.participant_kind[i]) ? '' : id)),
    participant_access_point: row.participant_access_point.map((at, i) => (person(row.participant_kind[i]) ? '' : at)), // prettier-ignore
    object_id: row.object_id.map(() => '')
  };
}

/**
 * The file of an export, made as it is taken; whoever stops taking it ends it. The rights are those of the reader now. When the
 * last byte is made, so is the signed manifest.
 * @param base address of the FHIR side
 */
export function exportStream(
  reader: Reader,
  one: Export,
  window: Window,
  base: string
): ReadableStream<Uint8Array> {
  const { client, config, exports, log } = context();
  const { filter } = asked(reader, new URLSearchParams(one.search));
  const blocks = new Map<string, Set<number>>();
  const hash = createHash('sha256');
  const told = { pseudonyms: may(reader.role, 'see-pseudonyms'), id: one.id, askedAt: one.askedAt, base };
  async function* rows(): AsyncGenerator<ExportRow[]> {
    for await (const page of exportRows(client, filter, window, one.askedAt, one.abort.signal)) {
      for (const { collector, lane, block } of page) {
        const name = `${collector} ${lane}`;
        const known = blocks.get(name) ?? new Set();
        blocks.set(name, known.add(block));
      }
      yield page.map((row) => shown(reader, row));
      one.rows += page.length;
    }
  }
  async function* bytes(): AsyncGenerator<Uint8Array> {
    one.state = 'running';
    try {
      for await (const chunk of writers[one.format].write(rows(), told)) {
        one.abort.signal.throwIfAborted();
        hash.update(chunk);
        one.bytes += chunk.length;
        yield chunk;
      }
      const key = config.signingKey();
      if (key === undefined)
        throw new Error('keys/console.key is not there: run the start once, which makes it');
      const manifest = signedManifest(
        {
          id: one.id,
          organisation: config.group.organisation.name,
          by: { login: reader.login, role: reader.role },
          asked_at: one.askedAt.toISOString(),
          finished_at: new Date().toISOString(),
          query: addressOf('/access', window, new URLSearchParams(one.search)),
          filters: filter,
          file: { name: fileName(one), type: writers[one.format].type, bytes: one.bytes, sha256: hash.digest('hex'), rows: one.rows }, // prettier-ignore
          audit: one.audit,
          blocks: await headersOf(client, filter.scope, blocks)
        },
        key
      );
      exports.keepManifest(one, manifest);
      one.state = 'done';
    } catch (error) {
      if (one.state === 'running') one.state = one.abort.signal.aborted ? 'cancelled' : 'failed';
      if (one.state === 'failed') log.error({ export: one.id, error: String(error) }, 'an export broke off');
      throw error;
    } finally {
      // Who leaves before the end is told nothing more, and the store is asked for nothing more.
      if (one.state === 'running') one.state = 'cancelled';
      one.abort.abort();
    }
  }
  const made = bytes()[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await made.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      one.abort.abort();
      await made.return?.(undefined);
    }
  });
}

async function headersOf(
  client: ClickHouseClient,
  scope: readonly string[],
  blocks: ReadonlyMap<string, ReadonlySet<number>>
): Promise<BlockHeader[]> {
  // prettier-ignore
  const bounds = { scope, from: new Date('2000-01-01T00:00:00Z'), to: new Date('2200-01-01T00:00:00Z') };
  const found: BlockHeader[] = [];
  for (const [name, set] of [...blocks].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const [collector = '', lane = ''] = name.split(' ');
    const list = [...set].toSorted((a, b) => a - b);
    for (let at = 0; at < list.length; at += 5000) {
      const some = list.slice(at, at + 5000);
      const headers = await headersOfBlocks.ask(client, { ...bounds, collector, lane, blocks: some });
      const known = new Map(headers.map((one) => [one.block, one]));
      for (const block of some) found.push({ collector, lane, block, hash: known.get(block)?.hash ?? '', key_id: known.get(block)?.key_id ?? '' }); // prettier-ignore
    }
  }
  return found;
}
