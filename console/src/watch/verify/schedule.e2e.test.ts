import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEvidenceLog, type EvidenceLog } from '@vigie/tools/testkit/evidence-log';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startProcess, type TestProcess } from '@vigie/tools/testkit/process';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let log: EvidenceLog;
let watch: TestProcess;
let shown: TestConsole;
let environment: Record<string, string>;

beforeAll(async () => {
  log = await startEvidenceLog(3);
  const { dataFolder, port } = log.engine;
  const file = join(dataFolder, 'vigie.yaml');
  const evidence = `evidence: { verify: { schedule: '* * * * *' }, heads: { schedule: '* * * * *', folder: taken } }\n`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^accounts:\n/m, `${evidence}accounts:\n`));
  // The heads' folder is a file: nothing can be published there.
  writeFileSync(join(dataFolder, 'taken'), '');
  await log.collector.restart();
  shown = await startTestConsole(log.engine, log.collector);
  environment = {
    VIGIE_CONFIG: file,
    VIGIE_DATA: dataFolder,
    VIGIE_ENGINE_PORT: String(port),
    VIGIE_COLLECTOR_PORT: String(log.collector.ports.http),
    VIGIE_WATCH_SECONDS: '1'
  };
  watch = await startProcess('console/src/watch.ts', { env: environment });
});
afterAll(async () => {
  await watch?.stop();
  await shown?.stop();
  await log?.collector.stop();
  await log?.stop();
});

const states = async (code: string) =>
  (
    await log.engine.rows<{ state: string }>(
      `SELECT state FROM ops.signal WHERE code = '${code}' ORDER BY occurred_at, seq`
    )
  ).map(({ state }) => state);
const verified = () =>
  log.engine.rows<{ outcome: number; types: string[] }>(
    `SELECT outcome, event_types AS types FROM audit.event WHERE lane = 'own' AND has(event_types, 'evidence-verify') ORDER BY seq`
  );
const minutes = 150_000;

test('a head that cannot be published raises an alarm, which ends when it can', async () => {
  await until(
    () => states('head-unpublished'),
    (told) => told.at(-1) === 'opened',
    minutes
  );
  rmSync(join(log.engine.dataFolder, 'taken'));
  await until(
    () => states('head-unpublished'),
    (told) => told.at(-1) === 'closed',
    minutes
  );
}, 400_000);

test('an altered row raises an alarm by itself, on the overview of DSI and DPO and on the page; mended, it ends', async () => {
  const first = await until(verified, (rows) => rows.length > 0, minutes);
  expect(first[0]?.outcome).toBe(0);
  expect(first[0]?.types).toContain('part:new');
  expect(await states('evidence-altered')).toEqual([]);
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 4 WHERE lane = 'audit' AND seq = 2`);
  await until(
    () => states('evidence-altered'),
    (told) => told.at(-1) === 'opened',
    minutes
  );
  const pages = async (login: string, path: string) => (await (await shown.reader(login)).get(path)).text;
  // Where the turn is not the row's own, it is the tables derived of it that are found first: four.
  expect(await pages('dsi', '/?lang=en')).toMatch(/The verification of the log found [14] fault\(s\)/);
  const french = /La vérification du journal a trouvé [14] anomalie\(s\)/;
  expect(await pages('dpo', '/?lang=fr')).toMatch(french);
  expect(await pages('dpo', '/evidence?lang=fr')).toMatch(french);
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 0 WHERE lane = 'audit' AND seq = 2`);
  await until(
    () => states('evidence-altered'),
    (told) => told.at(-1) === 'closed',
    minutes
  );
  expect(await pages('dpo', '/evidence?lang=fr')).not.toContain('La vérification du journal a trouvé');
}, 500_000);

test('what was found is verified again with the schedule off too, and its alarm ends once it is mended', async () => {
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 4 WHERE lane = 'audit' AND seq = 2`);
  await until(
    () => states('evidence-altered'),
    (told) => told.at(-1) === 'opened',
    minutes
  );
  await watch.stop();
  const file = join(log.engine.dataFolder, 'vigie.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(`verify: { schedule: '* * * * *' }`, 'verify: { schedule: off }')
  );
  await log.run(`ALTER TABLE audit.event UPDATE outcome = 0 WHERE lane = 'audit' AND seq = 2`);
  watch = await startProcess('console/src/watch.ts', { env: environment });
  await until(
    () => states('evidence-altered'),
    (told) => told.at(-1) === 'closed',
    2 * minutes
  );
}, 500_000);
