import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Health } from '../plan/health.ts';
import { clock } from '../plan/paris.ts';
import { shippedWorld } from '../testkit.ts';
import { serveHttp } from './http.ts';
import type { Served } from './listening.ts';

const states = new Map<string, Health>([['emage', 'down']]);
const health = (system: string) => states.get(system) ?? 'up';
let served: Served;
const get = (path: string) => fetch(`http://127.0.0.1:${served.port}${path}`);
beforeAll(async () => {
  served = await serveHttp(0, shippedWorld(), health, () => clock('2026-11-24', 720));
});
afterAll(() => served.close());

test('systems that are up answer 200, those that are down 503, others are not simulated', async () => {
  expect((await get('/systems/ris/health')).status).toBe(200);
  expect((await get('/systems/emage/health')).status).toBe(503);
  expect((await get('/systems/nobody/health')).status).toBe(404);
  expect((await get('/')).status).toBe(404);
});

test('exporters tell their pools as node_exporter does', async () => {
  const text = await (await get('/exporters/deepunity/metrics')).text();
  const value = (name: string, mountpoint: string) =>
    Number(
      new RegExp(`^${name}\\{device="[^"]+",fstype="xfs",mountpoint="${mountpoint}"\\} (\\S+)$`, 'm').exec(
        text
      )?.[1]
    );
  expect(value('node_filesystem_size_bytes', '/srv/nl-1')).toBe(20e12);
  const free = value('node_filesystem_avail_bytes', '/srv/nl-1');
  expect(free).toBeGreaterThan(1e12);
  expect(free).toBeLessThan(3e12);
  expect(value('node_filesystem_free_bytes', '/srv/on-1')).toBeGreaterThan(0);
  expect(text).toMatch(/^imaging_studies \d{5,}$/m);
  expect(text).toMatch(/^imaging_jobs\{state="pending"\} \d+$/m);
  expect(text).toMatch(/^imaging_uptime_seconds \d+$/m);
  expect((await get('/exporters/ris/metrics')).status).toBe(404);
});

test('an address that is none, and dates that are none, are refused, and the next one is answered', async () => {
  const send = (target: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ port: served.port, path: target }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await send('//')).toBe(404);
  expect(await send('//systems/ris/health')).toBe(404);
  expect(await send(':x/')).toBe(400);
  for (const date of ['20269999', 'x', '20261124-20261399', ''])
    expect((await get(`/archives/deepunity/dicom-web/studies?StudyDate=${date}`)).status, date).toBe(400);
  expect((await get('/archives/deepunity/dicom-web/studies?StudyDate=20261123')).status).toBe(200);
});

test('a port that is taken says which', async () => {
  await expect(serveHttp(served.port, shippedWorld(), health, Date.now)).rejects.toMatchObject({
    code: 'EADDRINUSE',
    port: served.port
  });
});
