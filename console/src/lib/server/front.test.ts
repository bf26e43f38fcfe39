import { expect, test } from 'vitest';
import { frontHeaders, isLocal, setFrontHeaders, setProgramHeaders } from './front.ts';

const told = (headers: Record<string, string>, front: Parameters<typeof setFrontHeaders>[2]) => {
  const copy: Record<string, string | string[] | undefined> = { ...headers };
  setFrontHeaders(copy, '10.0.0.9', front);
  return Object.values(frontHeaders).map((name) => copy[name]);
};

test('without a proxy a client says nothing about where it is', () => {
  const forged = { host: 'vigie:8400', 'x-forwarded-for': '1.1.1.1', 'x-vigie-address': '2.2.2.2', 'x-vigie-protocol': 'https' }; // prettier-ignore
  expect(told(forged, { origin: undefined, proxies: 0 })).toEqual(['http', 'vigie:8400', '10.0.0.9']);
});

test('behind a proxy the public origin holds, and the address is the one our proxy appended', () => {
  const front = { origin: 'https://vigie.example.fr', proxies: 1 };
  expect(told({ host: 'evil.example', 'x-forwarded-for': '1.1.1.1, 192.0.2.7' }, front)).toEqual([
    'https',
    'vigie.example.fr',
    '192.0.2.7'
  ]);
  expect(told({ host: 'x' }, front)[2]).toBe('10.0.0.9');
});

test('metrics are for the machine itself, not for whom its proxy serves', () => {
  expect(isLocal({}, '127.0.0.1')).toBe(true);
  expect(isLocal({}, '::ffff:127.0.0.1')).toBe(true);
  expect(isLocal({ 'x-forwarded-for': '192.0.2.7' }, '127.0.0.1')).toBe(false);
  expect(isLocal({}, '10.0.0.9')).toBe(false);
});

test('a program’s form is not held for another site’s, and its cookies open nothing; a browser’s request is left as it is', () => {
  const copy = (path: string) => {
    const headers: Record<string, string> = {
      cookie: 'vigie_session=x',
      [frontHeaders.protocol]: 'https',
      [frontHeaders.host]: 'vigie.example.fr'
    };
    setProgramHeaders(headers, path);
    return [headers['origin'], headers['cookie']];
  };
  for (const path of ['/fhir/AuditEvent/_search', '/fhir', '/syslogsearch'])
    expect(copy(path)).toEqual(['https://vigie.example.fr', undefined]);
  for (const path of ['/sign-in', '/fhirx', '/access/fhir'])
    expect(copy(path)).toEqual([undefined, 'vigie_session=x']);
});
