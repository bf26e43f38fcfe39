import { z } from 'zod';
import { Activity } from './activity.ts';
import { Evidence } from './evidence.ts';
import { Account, Objective, Reports, Retention, Simulator, Tariff } from './governance.ts';
import { ApiKey, Probe, Pull, Receivers } from './inputs.ts';
import { Forward } from './forwarding.ts';
import { GoingLive } from './going-live.ts';
import { MetricRule } from './metrics.ts';
import { ClientCertificate, complaintsOfCertificates } from './senders.ts';
import { Calendar, Establishment, Organisation, ReadingPartner, Site, System } from './organisation.ts';

const Shape = z.strictObject({
  organisation: Organisation,
  establishments: z.array(Establishment).min(1),
  calendars: z.array(Calendar).default([]),
  sites: z.array(Site).min(1),
  systems: z.array(System).min(1),
  reading_partners: z.array(ReadingPartner).default([]),
  receivers: Receivers,
  api_keys: z.array(ApiKey).default([]),
  client_certificates: z.array(ClientCertificate).default([]),
  forwarding: z.array(Forward).default([]),
  pulls: z.array(Pull).default([]),
  metrics: z.array(MetricRule).default([]),
  probes: z.array(Probe).default([]),
  objectives: z.array(Objective).default([]),
  tariffs: z.array(Tariff).default([]),
  activity: Activity,
  retention: Retention,
  evidence: Evidence,
  reports: Reports,
  going_live: GoingLive,
  accounts: z.array(Account).min(1),
  simulator: Simulator
});

/** vigie.yaml: one hospital group, as Vigie knows it. References between its parts are checked here. */
export const Config = Shape.superRefine((config, context) => {
  const known = {
    establishment: new Set(config.establishments.map((one) => one.id)),
    calendar: new Set(config.calendars.map((one) => one.id)),
    site: new Set(config.sites.map((one) => one.id)),
    system: new Set(config.systems.map((one) => one.id)),
    probe: new Set(config.probes.map((one) => one.id))
  };
  const must = (kind: keyof typeof known, value: string | undefined, ...path: (string | number)[]) => {
    if (value === undefined || known[kind].has(value)) return;
    const choices = [...known[kind]].slice(0, 8).join(', ') || 'none is declared';
    context.addIssue({
      code: 'custom',
      path,
      message: `names the ${kind} "${value}", which is not declared (declared: ${choices})`
    });
  };
  config.sites.forEach((site, i) => {
    must('establishment', site.establishment, 'sites', i, 'establishment');
    must('calendar', site.calendar, 'sites', i, 'calendar');
  });
  config.systems.forEach((system, i) => {
    must('site', system.site, 'systems', i, 'site');
    must('system', system.transfers_observed_by, 'systems', i, 'transfers_observed_by');
  });
  config.api_keys.forEach((key, i) => must('system', key.system, 'api_keys', i, 'system'));
  config.client_certificates.forEach((one, i) =>
    must('system', one.system, 'client_certificates', i, 'system')
  );
  config.forwarding.forEach((one, i) =>
    one.when.sources.forEach((source, j) => {
      if (!source.startsWith('unknown:')) must('system', source, 'forwarding', i, 'when', 'sources', j);
    })
  );
  config.pulls.forEach((pull, i) => {
    must('system', pull.system, 'pulls', i, 'system');
    if (pull.kind === 'census')
      pull.sites_by_accession.forEach((one, j) =>
        must('site', one.site, 'pulls', i, 'sites_by_accession', j, 'site')
      );
  });
  config.metrics.forEach((one, i) => must('system', one.system, 'metrics', i, 'system'));
  config.probes.forEach((probe, i) => must('system', probe.system, 'probes', i, 'system'));
  config.objectives.forEach((objective, i) => {
    must('system', objective.system, 'objectives', i, 'system');
    must('calendar', objective.calendar, 'objectives', i, 'calendar');
    objective.probes.forEach((probe, j) => must('probe', probe, 'objectives', i, 'probes', j));
  });
  config.activity.turnaround.forEach((target, i) =>
    must('calendar', target.calendar, 'activity', 'turnaround', i, 'calendar')
  );
  config.going_live.expected.forEach((one, i) => must('site', one.site, 'going_live', 'expected', i, 'site'));
  config.going_live.migrations.forEach((one, i) => {
    must('system', one.from, 'going_live', 'migrations', i, 'from');
    must('system', one.to, 'going_live', 'migrations', i, 'to');
  });
  config.tariffs.forEach((tariff, i) => must('system', tariff.system, 'tariffs', i, 'system'));
  config.accounts.forEach((account, i) => {
    if (account.establishments === 'all') return;
    account.establishments.forEach((id, j) => must('establishment', id, 'accounts', i, 'establishments', j));
  });
  const unique = (path: string, ids: readonly string[]) => {
    const seen = new Set<string>();
    ids.forEach((id, i) => {
      if (seen.has(id))
        context.addIssue({
          code: 'custom',
          path: [path, i],
          message: `repeats the id "${id}": ids must be unique`
        });
      seen.add(id);
    });
  };
  for (const part of [
    'establishments',
    'calendars',
    'sites',
    'systems',
    'reading_partners',
    'api_keys',
    'client_certificates',
    'forwarding',
    'pulls',
    'metrics',
    'probes',
    'objectives',
    'tariffs'
  ] as const)
    unique(
      part,
      config[part].map((one) => one.id)
    );
  unique(
    'accounts',
    config.accounts.map((account) => account.login)
  );
  for (const complaint of complaintsOfCertificates(config.receivers.syslog_tls, config.client_certificates))
    context.addIssue({ code: 'custom', ...complaint });
  const certificateOwners = new Map<string, string>();
  config.client_certificates.forEach((one, i) =>
    one.match.forEach((text, j) => {
      const owner = certificateOwners.get(text);
      if (owner !== undefined && owner !== one.id)
        context.addIssue({
          code: 'custom',
          path: ['client_certificates', i, 'match', j],
          message: `already belongs to the client certificate "${owner}"`
        });
      certificateOwners.set(text, one.id);
    })
  );
  const aeOwners = new Map<string, string>();
  config.systems.forEach((system, i) =>
    system.ae_titles.forEach((ae, j) => {
      const owner = aeOwners.get(ae);
      if (owner !== undefined && owner !== system.id)
        context.addIssue({
          code: 'custom',
          path: ['systems', i, 'ae_titles', j],
          message: `the AE title "${ae}" already belongs to the system "${owner}"`
        });
      aeOwners.set(ae, system.id);
    })
  );
});
export type Config = z.infer<typeof Config>;
