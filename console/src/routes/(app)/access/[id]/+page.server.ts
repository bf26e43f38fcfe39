import { error, fail, redirect } from '@sveltejs/kit';
import { z } from 'zod';
import { detailsOf } from '#lib/detail/told.ts';
import { mustHave, readerOf, recordReading } from '#lib/server/access/guard.ts';
import { soughtKinds, type Sought } from '#lib/explorer/sought.ts';
import { may } from '#lib/server/access/pages.ts';
import type { Reader } from '#lib/server/access/reader.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { logUsed, purposes } from '#lib/server/own-audit/own-audit.ts';
import { witnessesOf } from '#lib/server/explorer/shown-acts.ts';
import { keepSought } from '#lib/server/explorer/seek.ts';
import {
  eventById,
  headerOf,
  lineOfEvent,
  readEventId,
  receptionsOf,
  type EventRow
} from '#lib/server/query/event.ts';
import { identitiesOf, rawMessageOf } from '#lib/server/query/vault.ts';
import type { Actions, PageServerLoad } from './$types';

/** An id names one row whatever its age; the window keeps to what ClickHouse's time type holds. */
const ever = { from: new Date('2000-01-01T00:00:00Z'), to: new Date('2200-01-01T00:00:00Z') };

async function find(reader: Reader, id: string): Promise<EventRow> {
  const key = readEventId(id);
  const [event] = key ? await eventById.ask(context().client, { ...key, ...ever, scope: reader.scope }) : [];
  if (!event) error(404, { message: 'not-found' });
  return event;
}

export const load: PageServerLoad = async ({ locals, params, getClientAddress }) => {
  const reader = readerOf(locals, 'access');
  mustHave(reader, 'access', 'see-pseudonyms');
  const { client, ownAudit } = context();
  await recordReading(
    ownAudit,
    logUsed(reader, getClientAddress(), { act: 'list', about: `/access/${params.id}` })
  );
  const event = await find(reader, params.id);
  const bounds = { ...ever, scope: reader.scope };
  const [receptions, [header], witnesses] = await Promise.all([
    receptionsOf.ask(client, {
      ...bounds,
      collector: event.collector,
      lane: event.lane,
      seq: event.seq,
      sub: event.sub
    }),
    headerOf.ask(client, { ...bounds, collector: event.collector, lane: event.lane, block: event.block }),
    witnessesOf(client, reader.scope, event.lane, lineOfEvent(event))
  ]);
  return {
    event,
    receptions,
    header,
    witnesses: witnesses.map(({ id, occurred_at, source, event_code, action }) => ({
      id,
      occurred_at,
      source,
      event_code,
      action
    })),
    systems: systemNames(reader),
    mayReveal: may(reader.role, 'reveal'),
    vault: context().config.vaultKey() !== undefined
  };
};

const Followed = z.object({ kind: z.enum(soughtKinds), index: z.coerce.number().int().min(0).max(999) });

/** From an act to the timeline of one of its patients, studies, or of who did it: named by place, so that no form holds them. */
function followed(event: EventRow, { kind, index }: z.infer<typeof Followed>): Sought | undefined {
  const nothing = { kind, patients: [], actors: [], study: '' };
  const [patient, study] = [event.patients[index], [...event.studies, ...event.accessions][index]];
  if (kind === 'patient') return patient === undefined ? undefined : { ...nothing, patients: [patient] };
  if (kind === 'study') return study === undefined ? undefined : { ...nothing, study: study.slice(0, 64) };
  return event.actor_id === '' ? undefined : { ...nothing, actors: [event.actor_id] };
}

const Form = z.object({ purpose: z.enum(purposes), reference: z.string().trim().min(4).max(200) });

/** Both acts: purpose first, then the audit's ack, and only then the key. Nothing of it is cached or kept. */
async function open<T>(
  event: { request: Request; locals: App.Locals; params: { id: string }; getClientAddress: () => string },
  act: 'reveal' | 'raw',
  work: (row: EventRow, key: string) => Promise<T>
) {
  const reader = readerOf(event.locals, 'access');
  mustHave(reader, 'access', act === 'reveal' ? 'reveal' : 'see-raw');
  const parsed = Form.safeParse(Object.fromEntries(await event.request.formData()));
  if (!parsed.success) return fail(400, { act, fault: 'reference' as const });
  const row = await find(reader, event.params.id);
  const { ownAudit, config } = context();
  const key = config.vaultKey();
  if (key === undefined) return fail(409, { act, fault: 'no-vault' as const });
  let audit: string;
  try {
    audit = await ownAudit.record(
      logUsed(reader, event.getClientAddress(), { act, about: event.params.id, ...parsed.data })
    );
  } catch {
    return fail(503, { act, fault: 'not-audited' as const });
  }
  return { act, audit, opened: await work(row, key) };
}

export const actions: Actions = {
  follow: async ({ request, locals, params, getClientAddress }) => {
    const reader = readerOf(locals, 'access');
    mustHave(reader, 'access', 'search-patient');
    const parsed = Followed.safeParse(Object.fromEntries(await request.formData()));
    const sought = parsed.success ? followed(await find(reader, params.id), parsed.data) : undefined;
    if (!sought) return fail(400, { act: 'follow' as const, fault: 'follow' as const });
    let id: string;
    try {
      id = await keepSought(reader, getClientAddress(), sought);
    } catch {
      return fail(503, { act: 'follow' as const, fault: 'not-audited' as const });
    }
    redirect(303, `/access/timeline?search=${id}`);
  },
  reveal: (event) =>
    open(event, 'reveal', async (row, key) => {
      const persons = row.participant_id.filter((_, i) => row.participant_kind[i] === 'person');
      const pseudonyms = [
        ...new Set([...row.patients, ...persons, row.actor_kind === 'person' ? row.actor_id : ''])
      ].filter((one) => /^[0-9a-f]{32}$/.test(one));
      return {
        identities: await identitiesOf(context().client, pseudonyms, key),
        raw: undefined,
        details: []
      };
    }),
  raw: (event) =>
    open(event, 'raw', async (row, key) => {
      const raw = (await rawMessageOf(context().client, row, key))?.toString('utf8');
      return { identities: undefined, raw, details: raw === undefined ? [] : detailsOf(raw) };
    })
};
