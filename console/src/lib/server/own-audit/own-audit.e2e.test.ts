import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { signInOverHttp } from '@vigie/tools/testkit/reader';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
/** As they were given at the first start. */
let passwords: ReadonlyMap<string, string>;

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  shown = await startTestConsole(engine, collector);
  ({ passwords } = shown);
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

interface Told {
  readonly event_types: string[];
  readonly outcome: number;
  readonly actor_id: string;
  readonly access_point: string;
}

/** Events of Vigie itself with this code and type, oldest first. */
const told = (code: string, type: string) =>
  engine.rows<Told>(
    `SELECT event_types, outcome, actor_id, access_point FROM audit.event
     WHERE lane = 'own' AND event_code = {code:String} AND has(event_types, {type:String}) ORDER BY seq`,
    { code, type }
  );

const signIn = (login: string, password: string) =>
  fetch(`${shown.url}/sign-in`, {
    method: 'POST',
    body: new URLSearchParams({ login, password }),
    headers: { origin: shown.url },
    redirect: 'manual'
  });

const byConsole = (rows: readonly Told[]) => rows.filter(({ actor_id }) => actor_id === 'vigie-console');

test('the console tells its start and its stop', async () => {
  await until(
    () => told('110100', '110120').then(byConsole),
    (rows) => rows.length === 1
  );
  await shown.stop();
  shown = await startTestConsole(engine, collector);
  await until(
    () => told('110100', '110121').then(byConsole),
    (rows) => rows.length === 1
  );
});

test('a start while the collector is away is told once it is back', async () => {
  await until(
    () => told('110100', '110120').then(byConsole),
    (rows) => rows.length === 2
  );
  await collector.kill9();
  await shown.stop();
  shown = await startTestConsole(engine, collector);
  expect((await fetch(`${shown.url}/sign-in`)).status).toBe(200);
  await collector.restart();
  await until(
    () => told('110100', '110120').then(byConsole),
    (rows) => rows.length === 3
  );
});

test('a console that takes in another vigie.yaml tells which parts changed', async () => {
  const file = join(engine.dataFolder, 'vigie.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('role: direction, ', 'role: rssi, '));
  try {
    await shown.stop();
    shown = await startTestConsole(engine, collector);
    const [change] = await until(
      () => told('110113', '110131').then(byConsole),
      (rows) => rows.length > 0
    );
    expect(change?.event_types).toEqual(['110131', '110136', 'config:accounts']);
  } finally {
    writeFileSync(file, text);
  }
});

test('sign-ins are told with their outcome, and hold no name in clear', async () => {
  const reader = await signInOverHttp(shown.url, 'dpo', passwords.get('dpo') ?? '');
  await reader.post('/sign-out', {});
  await signIn('dpo', 'faux mot de passe');
  await signIn('Mon-Mot-De-Passe', 'frappé dans la mauvaise case');
  const logins = await until(
    () => told('110114', '110122'),
    (rows) => rows.length === 3
  );
  expect(logins.map(({ outcome }) => outcome).toSorted()).toEqual([0, 4, 4]);
  expect(await told('110114', '110123')).toHaveLength(1);
  expect(await told('110113', '110137')).toHaveLength(1);
  for (const { actor_id, access_point } of logins) {
    expect(actor_id).toMatch(/^[0-9a-f]{32}$/);
    expect(access_point).toBe('127.0.0.1');
  }
});

test('refused after too many tries: told once, as a serious failure', async () => {
  for (let i = 0; i < 10; i++) await signIn('direction', 'faux mot de passe');
  const rows = await until(
    () => told('110114', '110122'),
    (all) => all.some(({ outcome }) => outcome === 8)
  );
  const actor = rows.find(({ outcome }) => outcome === 8)?.actor_id;
  await until(
    () => told('110114', '110122'),
    (all) => all.filter((one) => one.actor_id === actor).length === 9
  );
  expect(rows.filter(({ outcome }) => outcome === 8)).toHaveLength(1);
});

test('what was typed for an account that does not exist is kept nowhere', () => {
  const output = [collector.process.output(), shown.process.output()].join('');
  expect(output).not.toMatch(/mon-mot-de-passe/i);
});
