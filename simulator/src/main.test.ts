import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeys } from '@vigie/tools/keys';
import { root, startProcess } from '@vigie/tools/testkit/process';
import { afterAll, expect, test } from 'vitest';

/** A port of loopback; of a server that is closed again, one where nothing listens. */
async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}
const away = createServer();
const nowhere = String(await portOf(away));
away.close();
const folder = mkdtempSync(join(tmpdir(), 'vigie-simulator-'));
createKeys(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = {
  VIGIE_CONFIG: join(root, 'vigie.yaml'),
  VIGIE_DATA: folder,
  VIGIE_COLLECTOR_PORT: nowhere,
  VIGIE_SIMULATOR_HTTP_PORT: '0',
  VIGIE_SIMULATOR_DICOM_PORT: '0'
};
const simulate = (args: readonly string[], more: Record<string, string> = {}) =>
  spawnSync(process.execPath, [join(root, 'simulator/src/main.ts'), ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...more },
    encoding: 'utf8',
    timeout: 25_000
  });

test('it says what it can do, in all and by command', () => {
  const all = simulate(['--help']);
  expect(all.status).toBe(0);
  for (const word of ['live', 'history [--days N]', 'load [--kind K]', '--duration', '--out FILE'])
    expect(all.stdout).toContain(word);
  expect(simulate(['load', '--help']).stdout).toMatch(/^npm run simulate -- load/);
  expect(simulate(['load', '--help']).stdout).not.toContain('history');
});

test('what is wrong on the command line is said in a sentence, and ends it with 1', () => {
  const complaints: readonly (readonly [readonly string[], string])[] = [
    [[], 'a command is missing'],
    [['dance'], 'there is no command "dance"'],
    [['history', 'now'], '"now" is not understood'],
    [['history', '--days', 'x'], '--days must be a whole number from 0 to 400'],
    [['load', '--kind', 'x'], '--kind must be audit, fhir, hl7, transfers'],
    [['load', '--connections', '0'], '--connections must be'],
    [['load', '--fast'], "Unknown option '--fast'"],
    [['load', '--rate', '0', '--out', join(folder, 'x')], '--out needs a --rate']
  ];
  for (const [args, sentence] of complaints) {
    const { status, stderr } = simulate(args);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(1);
  }
});

test('a missing configuration, a missing key and a strange state file are said with their mend', () => {
  expect(simulate(['live'], { VIGIE_CONFIG: join(folder, 'none.yaml') }).stderr).toContain(
    'name it with VIGIE_CONFIG'
  );
  expect(simulate(['live'], { VIGIE_DATA: join(folder, 'none') }).stderr).toContain(
    'start Vigie once in this data folder'
  );
  expect(simulate(['live'], { VIGIE_SIMULATOR_DAYS: 'many' }).stderr).toContain(
    'VIGIE_SIMULATOR_DAYS must be'
  );
  const other = mkdtempSync(join(tmpdir(), 'vigie-simulator-'));
  createKeys(other);
  mkdirSync(join(other, 'simulator'));
  writeFileSync(join(other, 'simulator', 'state.json'), '{"seed":1}');
  const { status, stderr } = simulate(['live'], { VIGIE_DATA: other });
  expect([status, stderr]).toEqual([1, expect.stringContaining('Remove it to have everything played again')]);
  rmSync(other, { recursive: true });
});

test('a busy port ends it with 2 and names the port', async () => {
  const server = createServer();
  const port = String(await portOf(server));
  for (const name of ['VIGIE_SIMULATOR_HTTP_PORT', 'VIGIE_SIMULATOR_DICOM_PORT']) {
    const { status, stderr } = simulate(['live'], { [name]: port });
    expect([status, stderr]).toEqual([2, expect.stringContaining(`Port ${port} is in use`)]);
  }
  server.close();
});

test('without a collector it says that it waits, its systems answer meanwhile, and it stops in order', async () => {
  const simulator = await startProcess('simulator/src/main.ts', { args: ['live'], env });
  expect((await fetch(`${String(simulator.ready['url'])}/systems/ris/health`)).status).toBeLessThan(504);
  await expect
    .poll(() => simulator.output())
    .toContain(`waiting for the collector: http://127.0.0.1:${nowhere}: connect ECONNREFUSED`);
  expect(await simulator.stop()).toBe(0);
});

test('load writes files of frames: the same each time, as they go over the wire', () => {
  const write = (kind: string, name: string) => {
    const file = join(folder, name);
    const { status } = simulate(['load', '--kind', kind, '--rate', '350', '--duration', '2', '--out', file]);
    expect(status).toBe(0);
    return readFileSync(file);
  };
  const frames = write('audit', 'frames');
  expect(write('audit', 'again').equals(frames)).toBe(true);
  let count = 0;
  for (let at = 0; at < frames.length; count++) {
    const blank = frames.indexOf(0x20, at);
    const end = blank + 1 + Number(frames.toString('latin1', at, blank));
    expect(frames.toString('utf8', blank + 1, end)).toMatch(
      /^<85>1 \S+ \S+ \S+ - \S+ - \ufeff?<\?xml .*<\/AuditMessage>$/
    );
    at = end;
  }
  expect(count).toBe(700);
  expect(
    write('hl7', 'blocks')
      .toString('utf8')
      .match(/\x0bMSH\|/g)
  ).toHaveLength(700);
  const lines = write('transfers', 'lines').toString('utf8').trimEnd().split('\n');
  expect(new Set(lines).size).toBe(700);
});
