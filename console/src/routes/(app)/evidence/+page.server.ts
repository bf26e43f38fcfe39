import { fail } from '@sveltejs/kit';
import { pseudonym, userIdentifier } from '@vigie/schemas/pseudonym';
import { DateTime } from 'luxon';
import { z } from 'zod';
import { readVerification, stateOfDay, toldTypes } from '#lib/evidence/told.ts';
import { readerOf, recordReading } from '#lib/server/access/guard.ts';
import { context } from '#lib/server/context.ts';
import { logUsed } from '#lib/server/own-audit/own-audit.ts';
import { openSignals } from '#lib/server/query/signals.ts';
import { pageOfSignal } from '#lib/signal-pages.ts';
import { evidenceActs, evidenceDays, evidenceLanes, evidenceTold } from '#lib/server/query/evidence.ts';
import { viewOf } from '#lib/server/query/window.ts';
import type { Actions, PageServerLoad } from './$types';

const period = '7d';
/** Whole chains and what was told of them: as far back as ClickHouse's time type reaches with sense. */
const ever = new Date('2000-01-01T00:00:00Z');

/** Names of accounts, by the pseudonym under which the log knows them. */
function names(): ReadonlyMap<string, string> {
  const { config } = context();
  const key = config.pseudonymKey();
  return new Map(
    config.group.accounts.map(({ login, name }) => [
      pseudonym(key, userIdentifier(login)).toString('hex'),
      name
    ])
  );
}

export const load: PageServerLoad = async ({ locals, url }) => {
  const reader = readerOf(locals, 'evidence');
  const { client, config, verification } = context();
  const now = new Date();
  const view = viewOf(reader, url, period, now);
  const { scope, from, to } = view;
  const all = { scope, from: ever, to: new Date(now.getTime() + 86_400_000) };
  const [lanes, days, acts, verified, published, signals] = await Promise.all([
    evidenceLanes.ask(client, all),
    evidenceDays.ask(client, { scope, from, to }),
    evidenceActs.ask(client, all),
    evidenceTold.ask(client, { ...all, type: 'evidence-verify' }),
    evidenceTold.ask(client, { ...all, type: 'evidence-publish' }),
    openSignals(client)
  ]);
  const accounts = names();
  const verifications = verified.flatMap(
    (row) => readVerification({ ...row, by: accounts.get(row.actor) ?? '' }) ?? []
  );
  const { run } = verification;
  // Findings are known day by day only for the newest verification, and only where it ran here.
  const here =
    run?.report && run.endedAt !== undefined && run.endedAt + 5000 >= (verifications[0]?.at.getTime() ?? 0);
  const blamed = here
    ? new Set(
        run.report?.findings.map(({ sealedAt, lane }) =>
          sealedAt === undefined
            ? ''
            : `${DateTime.fromMillis(sealedAt, { zone: 'Europe/Paris' }).toISODate()}\0${lane}`
        )
      )
    : undefined;
  return {
    lanes,
    days: days.map((day) => ({
      ...day,
      ...stateOfDay(day.day, day.lane, verifications, blamed?.has('') ? undefined : blamed)
    })),
    acts,
    last: verifications.find(({ cancelled }) => !cancelled),
    alarms: signals.filter(({ code }) => pageOfSignal[code] === 'evidence'),
    schedule: config.group.evidence.verify,
    now,
    published: published.map(({ at, outcome, types }) => ({
      at,
      good: outcome === 0,
      where: toldTypes(types).get('where') ?? ''
    })),
    run,
    running: verification.running,
    window: { from, to },
    defaultPeriod: period
  };
};

const Form = z.object({ what: z.enum(['all', 'period']) });

export const actions: Actions = {
  verify: async ({ request, locals, url, getClientAddress }) => {
    const reader = readerOf(locals, 'evidence');
    const form = Form.safeParse(Object.fromEntries(await request.formData()));
    if (!form.success) return fail(400, { fault: 'form' as const });
    const { ownAudit, verification } = context();
    if (verification.running) return fail(409, { fault: 'running' as const });
    const { from, to } = viewOf(reader, url, period);
    const bounds =
      form.data.what === 'all'
        ? { from: undefined, to: undefined }
        : { from: from.getTime(), to: to.getTime() };
    await recordReading(
      ownAudit,
      logUsed(reader, getClientAddress(), { act: 'evidence', about: `/evidence?what=${form.data.what}` })
    );
    if (!verification.start(reader, getClientAddress(), bounds))
      return fail(409, { fault: 'running' as const });
    return { started: true };
  },
  cancel: ({ locals }) => {
    readerOf(locals, 'evidence');
    context().verification.cancel();
    return { cancelled: true };
  }
};
