import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '@vigie/schemas';
import { help, ports, readFlags, settings, settingsTable, withGroup } from './settings.ts';

const shipped = readFileSync(new URL('../../../vigie.yaml', import.meta.url), 'utf8');

test('flags win over variables, variables over vigie.yaml, and the rest has its default', () => {
  const { env } = readFlags(['--console-port', '9000', '--data=/srv/vigie'], {
    VIGIE_CONSOLE_PORT: '9001',
    VIGIE_MLLP_PORT: '9002',
    HOME: '/root'
  });
  const group = parseConfig(
    shipped.replace('syslog: { port: 5514 }', 'syslog: { port: 1514 }'),
    'vigie.yaml'
  );
  expect(withGroup(env, group)).toMatchObject({
    VIGIE_CONSOLE_PORT: '9000',
    VIGIE_DATA: '/srv/vigie',
    VIGIE_MLLP_PORT: '9002',
    VIGIE_SYSLOG_PORT: '1514',
    VIGIE_COLLECTOR_PORT: '8480',
    VIGIE_HOST: '127.0.0.1',
    VIGIE_SIMULATOR: 'on'
  });
  expect(env).not.toHaveProperty('HOME');
});

test('a value that cannot be is refused with the flag that mends it', () => {
  expect(() => readFlags(['--console-port', '70000'], {})).toThrow(
    '--console-port (VIGIE_CONSOLE_PORT) is "70000"'
  );
  expect(() => readFlags([], { VIGIE_SIMULATOR: 'yes' })).toThrow('it must be on or off');
  expect(() => readFlags(['--simulator-days', 'many'], {})).toThrow('must be a number of days');
  expect(() => readFlags(['--confg', 'x'], {})).toThrow(/'--confg'\. npm start -- --help lists the flags\.$/);
});

test('the help and the table of the documents tell every setting', () => {
  for (const { flag, variable } of settings) {
    expect(help()).toContain(variable);
    expect(settingsTable()).toContain(`\`${variable}\``);
    if (flag !== undefined) expect(help()).toContain(`--${flag} `);
  }
  expect(ports.map(({ flag }) => flag)).toContain('syslog-tls-port');
});
