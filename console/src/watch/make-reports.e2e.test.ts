import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietConfig, startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { startProcess, type TestProcess } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { DateTime } from 'luxon';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

let engine: TestEngine;
let collector: TestCollector;
let watch: TestProcess;
let environment: Record<string, string>;

beforeAll(async () => {
  engine = await startTestEngine();
  const configText = quietConfig().replace(
    /^accounts:\n/m,
    `reports: { schedule: '* * * * *' }\naccounts:\n`
  );
  collector = await startTestCollector(engine, { configText });
  environment = {
    VIGIE_CONFIG: join(engine.dataFolder, 'vigie.yaml'),
    VIGIE_DATA: engine.dataFolder,
    VIGIE_ENGINE_PORT: String(engine.port),
    VIGIE_COLLECTOR_PORT: String(collector.ports.http),
    VIGIE_WATCH_SECONDS: '1'
  };
  // A panel of availability cannot be computed.
  await engine.writer.command({ query: 'RENAME TABLE ops.probe_minute TO ops.probe_minute_away' });
  watch = await startProcess('console/src/watch.ts', { env: environment });
});
afterAll(async () => {
  await watch?.stop();
  await collector?.stop();
  await engine?.stop();
});

const minutes = 150_000;
const month = DateTime.now().setZone('Europe/Paris').minus({ months: 1 }).toFormat('yyyy-MM');
const kept = (name: string) => existsSync(join(engine.dataFolder, 'reports', month, name));
const output = () => Promise.resolve(watch.output());
const made = () =>
  engine.rows<{ types: string[] }>(
    `SELECT event_types AS types FROM audit.event WHERE lane = 'own' AND has(event_types, 'report-made')`
  );

test('a report with a part that could not be computed is not kept, and the log names the part', async () => {
  const told = await until(output, (text) => text.includes('a report could not be made'), minutes);
  expect(told).toContain('parts of the report could not be computed');
  expect(told).toMatch(/"panel":"sla\/availability"/);
  for (const name of ['group.fr.json', 'group.fr.pdf', 'group.en.pdf']) expect(kept(name), name).toBe(false);
  expect(await made()).toEqual([]);
}, 400_000);

test('once it can be computed, the reports of the month before are made for the group and each site, and audited', async () => {
  await engine.writer.command({ query: 'RENAME TABLE ops.probe_minute_away TO ops.probe_minute' });
  const names = ['group', 'troyes', 'gham'].flatMap((subject) =>
    ['fr', 'en'].flatMap((language) => [`${subject}.${language}.json`, `${subject}.${language}.pdf`])
  );
  await until(
    () => Promise.resolve(names.filter((name) => !kept(name))),
    (missing) => missing.length === 0,
    minutes
  );
  const report = z
    .object({
      month: z.string(),
      finished: z.boolean(),
      sections: z.array(z.object({ failed: z.boolean().optional(), path: z.string() }))
    })
    .parse(JSON.parse(readFileSync(join(engine.dataFolder, 'reports', month, 'troyes.fr.json'), 'utf8')));
  expect(report).toMatchObject({ month, finished: true });
  expect(report.sections.filter(({ failed }) => failed)).toEqual([]);
  for (const { path } of report.sections) expect(path).toContain('&site=troyes');
  expect(
    readFileSync(join(engine.dataFolder, 'reports', month, 'group.fr.pdf'))
      .subarray(0, 5)
      .toString()
  ).toBe('%PDF-');
  // One that failed is made a turn after the others.
  await until(made, (rows) =>
    ['group', 'troyes', 'gham'].every((subject) =>
      rows.some(({ types }) => types.includes(`about:/reports/${month}/${subject}`))
    )
  );
}, 400_000);

test('a time that came while nothing ran is made up for after the start', async () => {
  await watch.stop();
  const file = join(engine.dataFolder, 'watch', 'evidence.json');
  const state = z.looseObject({}).parse(JSON.parse(readFileSync(file, 'utf8')));
  const config = environment['VIGIE_CONFIG'] ?? '';
  // The first of each month: its last time is long past, and the next one days away.
  const schedule = '0 5 1 * *';
  writeFileSync(config, readFileSync(config, 'utf8').replace(`'* * * * *'`, `'${schedule}'`));
  const since = DateTime.now().setZone('Europe/Paris').startOf('month').minus({ months: 1 }).toMillis();
  writeFileSync(file, JSON.stringify({ ...state, reports: { schedule, since } }));
  watch = await startProcess('console/src/watch.ts', { env: environment });
  const earlier = DateTime.now().setZone('Europe/Paris').minus({ months: 2 }).toFormat('yyyy-MM');
  await until(
    () => Promise.resolve(existsSync(join(engine.dataFolder, 'reports', earlier, 'group.fr.pdf'))),
    (there) => there,
    2 * minutes
  );
}, 400_000);
