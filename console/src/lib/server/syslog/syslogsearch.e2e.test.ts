import { counted, auditSyslog, sendTcp, studyOf } from '@vigie/tools/testkit/audit-messages';
import { startTestCollector, type TestCollector } from '@vigie/tools/testkit/collector';
import { startTestConsole, type TestConsole } from '@vigie/tools/testkit/console';
import { startTestEngine, type TestEngine } from '@vigie/tools/testkit/engine';
import { createSearchToken } from '@vigie/tools/testkit/search-token';
import { until } from '@vigie/tools/testkit/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';

let engine: TestEngine;
let collector: TestCollector;
let shown: TestConsole;
const tokens: Record<string, string> = {};
const why = ['--right', 'messages', '--purpose', 'control', '--reference', 'contrôle 2026-11'];
const at = (day: number) => new Date(`2026-11-${String(day).padStart(2, '0')}T08:00:00Z`);

const Messages = z.array(z.record(z.string(), z.string()));
const ask = async (
  token: string,
  query: string,
  path = '/syslogsearch',
  headers: Record<string, string> = {}
) => {
  const response = await fetch(path.startsWith('http') ? path : `${shown.url}${path}?${query}`, {
    headers: { authorization: `Bearer ${tokens[token] ?? token}`, ...headers }
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const found = async (query: string, token = 'dpo') => {
  const { status, text } = await ask(token, query);
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  return Messages.parse(JSON.parse(text));
};
const refused = async (token: string, query: string) => {
  const { status, text } = await ask(token, query);
  const { issue } = JSON.parse(text) as {
    issue: { details: { coding: { code: string }[] }; location?: string[] }[];
  };
  return [status, issue[0]?.details.coding[0]?.code, issue[0]?.location?.[0]];
};
/** Days of the month of the found messages. */
const days = async (query: string, token = 'dpo') =>
  (await found(query, token)).map(({ Timestamp }) => Number(Timestamp?.slice(8, 10)));

beforeAll(async () => {
  engine = await startTestEngine();
  collector = await startTestCollector(engine);
  shown = await startTestConsole(engine, collector);
  // auditSyslog's message n acts from 10.10.x (Troyes); the RIS one comes with another header.
  const ris = auditSyslog(3, { at: at(3) }).replace('<85>', '<86>').replace(' DEEPUNITY 1 ', ' RIS 99 ').replace('pacs.ght-aube', 'ris.ght-aube'); // prettier-ignore
  const hpa = auditSyslog(4, { at: at(4) }).replace('AuditSourceID=', 'AuditEnterpriseSiteID="HPA" AuditSourceID=').replace('AuditSourceIdentification AuditEnterpriseSiteID=""', 'AuditSourceIdentification'); // prettier-ignore
  await sendTcp(collector.ports.syslog, [
    counted(auditSyslog(1, { at: at(1) })),
    counted(auditSyslog(2, { at: at(2) })),
    counted(ris),
    counted(hpa),
    counted(
      `<14>1 ${at(5).toISOString()} pacs.ght-aube.example DEEPUNITY - note - de l'espace libre, bientôt`
    )
  ]);
  await until(() => engine.rows<{ n: number }>("SELECT count() AS n FROM audit.event WHERE lane = 'audit'"), ([row]) => row?.n === 4); // prettier-ignore
  await until(
    () => engine.rows('SELECT 1 FROM audit.quarantine'),
    (rows) => rows.length === 1
  );
  await until(
    () => engine.rows<{ seq: number }>("SELECT max(last_seq) AS seq FROM audit.block WHERE lane = 'audit'"),
    ([row]) => (row?.seq ?? 0) >= 5
  );
  tokens['dpo'] = await createSearchToken(shown.env, 'dpo', ['ch-troyes', 'gham'], ...why);
  tokens['dpo-hpa'] = await createSearchToken(shown.env, 'dpo', ['hpa'], ...why);
  tokens['dpo-all'] = await createSearchToken(shown.env, 'dpo', ['all'], ...why);
  tokens['plain'] = await createSearchToken(shown.env, 'dpo', ['all']);
  tokens['dsi'] = await createSearchToken(shown.env, 'dsi', ['all']);
});
afterAll(async () => {
  await shown?.stop();
  await collector?.stop();
  await engine?.stop();
});

const november = 'date=ge2026-11-01&date=lt2026-12-01';

test('messages are given in their parts, whole, newest first', async () => {
  const [first, , third] = await found(november);
  expect(first).toMatchObject({
    Pri: '86',
    Version: '1',
    Timestamp: '2026-11-03T08:00:00.000Z',
    Hostname: 'ris.ght-aube.example',
    'App-name': 'RIS',
    Procid: '99',
    'Msg-id': 'IHE+RFC-3881',
    'Structured-data': '-'
  });
  expect(third?.['Msg']).toMatch(
    new RegExp(`^<AuditMessage>.*${studyOf(1)}.*PATIENT\\^NUMERO 1<.*</AuditMessage>$`)
  );
});

test.each([
  ['pri=86', [3]],
  ['pri=85', [2, 1]],
  ['version=1', [3, 2, 1]],
  ['hostname=RIS.ght-aube.example', [3]],
  ['app-name=DEEPUNITY', [2, 1]],
  ['App-name=ris,DEEPUNITY', [3, 2, 1]],
  ['procid=99', [3]],
  ['msg-id=IHE%2BRFC-3881', [3, 2, 1]],
  [`msg=${studyOf(2)}`, [2]],
  ['msg=numero 2&app-name=DEEPUNITY', [2]],
  ['eventID=110103', [3, 2, 1]],
  ['eventID=110114', []],
  ['EventTypeCode=110122', []],
  ['recorded=2026-11-02', [2]],
  ['Requestor=user2', [2]],
  ['Requestor=DEEPUNITY', []],
  ['Receiver=DEEPUNITY', [3, 2, 1]]
])('%s finds the messages of those days', async (query, expected) => {
  expect(await days(`${november}&${query}`)).toEqual(expected);
});

test('what no decoder understood is found too, by whom may see what belongs to nobody', async () => {
  const all = await found(`date=ge2026-11-01`, 'dpo-all');
  expect(all.find((message) => message['Msg-id'] === 'note')?.['Msg']).toBe("de l'espace libre, bientôt");
  expect(await found(`date=ge2026-11-01&msg=espace`)).toEqual([]);
});

test('another establishment’s messages are not found, nor through its page links', async () => {
  expect(await days(november, 'dpo-hpa')).toEqual([4]);
  expect(await found(`${november}&msg=${studyOf(4)}`)).toEqual([]);
  const { headers } = await ask('dpo-all', `${november}&_count=1`);
  const next = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
  expect((await ask('dpo', '', next)).status).toBe(403);
});

test('pages follow one another by the Link header', async () => {
  const seen: string[] = [];
  let next: string | undefined = `${shown.url}/syslogsearch?${november}&_count=2`;
  for (let page = 0; next !== undefined && page < 5; page++) {
    const { headers, text } = await ask('dpo', '', next);
    seen.push(...Messages.parse(JSON.parse(text)).map(({ Timestamp }) => Timestamp?.slice(8, 10) ?? ''));
    next = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
    expect(next ?? '').not.toMatch(/date=|2026/);
  }
  expect(seen).toEqual(['03', '02', '01']);
});

test('the same below /fhir, and as XML', async () => {
  const { status, headers, text } = await ask('dpo', november, '/fhir/syslogsearch', {
    accept: 'application/xml'
  });
  expect([status, headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8']);
  expect(text).toMatch(
    /^<\?xml [^>]*\?><SyslogMessages><SyslogMessage><Pri>86<\/Pri><Version>1<\/Version>.*<App-name>RIS<\/App-name>/
  );
  expect(text).toContain('&lt;AuditMessage&gt;');
});

test('only a token made to open messages does, and each one it gives is in the log first, with the purpose', async () => {
  for (const token of ['plain', 'dsi'])
    expect(await refused(token, november)).toEqual([403, 'forbidden', undefined]);
  expect((await ask('', november)).status).toBe(401);
  await found(`${november}&msg=${studyOf(1)}`);
  await until(
    () =>
      engine.rows<{ types: string; purpose: string }>(
        "SELECT arrayStringConcat(event_types) AS types, purpose FROM audit.event WHERE lane = 'own' AND (has(event_types, 'raw') OR has(event_types, 'ITI-82'))"
      ),
    (rows) => rows.some(({ types, purpose }) => types === 'raw' && purpose === 'control') && rows.some(({ types }) => types === 'ITI-82') // prettier-ignore
  );
});

test.each([
  ['', 400, 'missing-date', 'http.date'],
  ['pri=85', 400, 'missing-date', 'http.date'],
  ['recorded=ge2026', 400, 'missing-date', 'http.date'],
  ['date=ne2026', 400, 'missing-date', 'http.date'],
  ['date=yesterday', 400, 'bad-value', 'http.date'],
  [`${november}&pri=192`, 400, 'bad-value', 'http.pri'],
  [`${november}&severity=5`, 400, 'unknown-parameter', 'http.severity'],
  [`${november}&timestamp=2026`, 400, 'unknown-parameter', 'http.timestamp'],
  [`${november}&_count=0`, 400, 'bad-value', 'http._count'],
  [`${november}&_cursor=x`, 400, 'bad-value', 'http._cursor'],
  ['_cursor=x', 400, 'bad-cursor', 'http._cursor']
])('%s is refused: %i %s at %s', async (query, ...outcome) => {
  expect(await refused('dpo', query)).toEqual(outcome);
});

test('a message that tells of another establishment too is not given', async () => {
  const event = (n: number, site: string) => {
    const frame = auditSyslog(n, { at: at(7) });
    return frame.slice(frame.indexOf('<AuditMessage>')).replace('AuditSourceID=', `AuditEnterpriseSiteID="${site}" AuditSourceID=`); // prettier-ignore
  };
  const wrapper = `<85>1 ${at(7).toISOString()} pacs.ght-aube.example DEEPUNITY 1 IHE+RFC-3881 - <AuditMessages>${event(8, 'CHT')}${event(9, 'HPA')}</AuditMessages>`;
  await sendTcp(collector.ports.syslog, [counted(wrapper)]);
  await until(
    () => days(`${november}&msg=${studyOf(8)}`, 'dpo-all'),
    (list) => list.join() === '7'
  );
  expect(await found(`${november}&msg=${studyOf(8)}`)).toEqual([]);
  expect(await found(`${november}&msg=${studyOf(8)}`, 'dpo-hpa')).toEqual([]);
});

test('a message that an act erased is not given', async () => {
  await engine.writer.command({ query: 'TRUNCATE TABLE vault.raw_block' });
  expect(await found(november)).toEqual([]);
});
