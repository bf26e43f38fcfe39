import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { until } from '@vigie/tools/testkit/until';

let engine: TestEngine;
let collector: TestCollector;
let console_: TestConsole;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  console_ = await startTestConsole(engine, collector);
});
afterAll(async () => {
  await console_?.stop();
  await collector?.stop();
  await engine?.stop();
});

test('every page says that the collector does not answer, until it does', async () => {
  const dsi = await console_.reader('dsi');
  const overview = async () => (await dsi.get('/')).text;
  expect(await overview()).not.toContain('role="alert"');
  await collector.kill9();
  expect(await until(overview, (page) => page.includes('role="alert"'))).toContain(
    'Le collecteur ne répond pas'
  );
  await collector.restart();
  await until(overview, (page) => !page.includes('role="alert"'));
});
