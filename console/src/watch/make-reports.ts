import type { Board } from '@vigie/dashboards';
import { Cron } from 'croner';
import { processDoer, reportExported } from '@vigie/schemas/own-audit';
import type { ClickHouseClient } from '@vigie/store';
import { DateTime } from 'luxon';
import type { Logger } from 'pino';
import { group } from '../lib/reports/report.ts';
import type { ConsoleConfig } from '../lib/server/config.ts';
import type { OwnAudit } from '../lib/server/own-audit/own-audit.ts';
import { simulated } from '../lib/server/query/signals.ts';
import { buildReport } from '../lib/server/reports/build-report.ts';
import { keepReport } from '../lib/server/reports/keep.ts';
import { languages } from '../lib/text/language.ts';

interface Parts {
  readonly client: ClickHouseClient;
  readonly config: ConsoleConfig;
  readonly boards: readonly Board[];
  readonly ownAudit: OwnAudit;
  readonly log: Logger;
}

/** Makes and keeps the reports of the month before, of the group and each site, on the schedule of vigie.yaml. */
export function scheduleReports(parts: Parts): Cron | undefined {
  const { schedule } = parts.config.group.reports;
  if (schedule === 'off') return undefined;
  return new Cron(schedule, { timezone: 'Europe/Paris', protect: true }, () => makeAll(parts, new Date()));
}

async function makeAll({ client, config, boards, ownAudit, log }: Parts, now: Date): Promise<void> {
  const zone = config.group.organisation.timezone;
  const month = DateTime.fromJSDate(now, { zone }).minus({ months: 1 }).toFormat('yyyy-MM');
  const failed = (panel: string, error: unknown) =>
    log.error(
      { panel, error: error instanceof Error ? error.message : String(error) },
      'a panel of a report failed'
    );
  for (const subject of [group, ...config.group.sites.map(({ id }) => id)])
    try {
      const about = `/reports/${month}/${subject}`;
      await ownAudit.record(
        reportExported(processDoer('watch'), now.getTime(), { act: 'report-made', about })
      );
      const made = { client, config: config.group, boards, now, simulated: await simulated(client), failed };
      for (const language of languages)
        await keepReport(config.dataFolder, await buildReport(made, { month, subject, language }));
      log.info({ month, subject }, 'a report was made');
    } catch (error) {
      log.error(
        { month, subject, error: error instanceof Error ? error.message : String(error) },
        'a report could not be made'
      );
    }
}
