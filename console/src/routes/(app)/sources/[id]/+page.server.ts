import { error } from '@sveltejs/kit';
import { readerOf } from '#lib/server/access/guard.ts';
import { systemSeen } from '#lib/server/access/systems-seen.ts';
import { context } from '#lib/server/context.ts';
import { systemNames } from '#lib/server/names.ts';
import { timeClasses } from '#lib/server/query/source-health.ts';
import { healthOf, learnRhythms, spoolOf } from '#lib/server/source-health.ts';
import { quarantineRows, sourceHistogram, sourceTransports } from '#lib/server/query/sources.ts';
import { histogramStep, viewOf } from '#lib/server/query/window.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params, url }) => {
  const reader = readerOf(locals, 'sources');
  const { client, config } = context();
  const { systems, sites } = config.group;
  const view = viewOf(reader, url, '24h');
  const system = systems.find((one) => one.id === params.id);
  const site = sites.find((one) => one.id === system?.site);
  // A source of an establishment outside the scope is as if it did not exist.
  if (system && !systemSeen(reader, config.group, params.id)) error(404, { message: 'not-found' });
  const asked = { scope: view.scope, from: view.from, to: view.to, source: params.id };
  const step = histogramStep(view.from, view.to);
  const [histogram, transports, quarantine, health, rhythms, spool] = await Promise.all([
    sourceHistogram.ask(client, { ...asked, step }),
    sourceTransports.ask(client, asked),
    quarantineRows.ask(client, asked),
    healthOf(client, asked),
    learnRhythms(client, view.scope, new Date(), params.id),
    spoolOf(config.collectorUrl)
  ]);
  if (!system && transports.length === 0 && quarantine.length === 0) error(404, { message: 'not-found' });
  return {
    id: params.id,
    known: system !== undefined || config.group.api_keys.some((key) => key.id === params.id),
    declared: system && {
      kind: system.kind,
      vendor: system.vendor,
      site: site?.name,
      aeTitles: system.ae_titles,
      networks: system.networks,
      hostnames: system.hostnames,
      auditIds: system.audit_source_ids,
      silenceMinutes: system.silence_minutes
    },
    histogram,
    step,
    from: view.from,
    to: view.to,
    transports,
    quarantine,
    health,
    timeClasses: [...timeClasses],
    rhythm: rhythms.get(params.id) ?? [],
    spooled: spool?.records,
    pulls: (spool?.pulls ?? []).filter((pull) => pull.system === params.id && pull.done < pull.of),
    systems: systemNames(reader)
  };
};
