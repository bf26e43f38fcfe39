import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '@vigie/schemas';
import { describe, expect, test } from 'vitest';
import { emptyEvent, type ToldParticipant } from '../decode/audit-xml/told.ts';
import { createDirectory } from './directory.ts';
import { actorIndex, kindOf } from './participant.ts';
import { accessPointOf } from './told-values.ts';

const file = join(import.meta.dirname, '../../fixtures/vigie.yaml');
const directory = createDirectory(parseConfig(readFileSync(file, 'utf8'), file), Buffer.alloc(32, 7));
const role = (code: string, text = '') => ({ code, system: 'DCM', text });
const source = role('110153');

function participant(more: Partial<ToldParticipant>): ToldParticipant {
  return {
    userId: '',
    alternativeUserId: '',
    userName: '',
    requestor: null,
    userType: '',
    userIdType: '',
    roles: [],
    accessPoint: '',
    accessPointType: '',
    ...more
  };
}

const event = (code: string) => ({ ...emptyEvent(), id: role(code), sourceId: 'VIEWER' });

describe('who is a person, an application, a device', () => {
  test.each<[string, Partial<ToldParticipant>, string, string?]>([
    ['UserTypeCode 1', { userId: 'NORD_CT1', userType: '1' }, 'person'],
    ['UserTypeCode 2', { userId: 'cmartin', userType: '2' }, 'application'],
    ['a station AE title by its type', { userId: 'XYZ', userIdType: '110119' }, 'device'],
    ['a person id by its type', { userId: '1234', userIdType: '113871', roles: [source] }, 'person'],
    ['a modality of the directory', { userId: 'NORD_CT1', userName: 'CT' }, 'device'],
    ['another system of the directory', { userId: 'PACS' }, 'application'],
    [
      'the application role',
      { userId: 'anything', userName: 'Archive', roles: [role('110150')] },
      'application'
    ],
    ['a medium', { userId: 'disc', roles: [role('110154')] }, 'device'],
    ['a human role', { userId: '77', roles: [source, role('10', 'Médecin')] }, 'person'],
    ['a login', { userId: 'cmartin' }, 'person'],
    ['a domain login', { userId: 'CHT\\jdupont', roles: [source] }, 'person'],
    ['a mail address', { userId: 'c.martin@ght.example', roles: [source] }, 'person'],
    ['a named user of an authentication', { userId: 'PACS_ADMIN', userName: 'Admin' }, 'person', '110114'],
    ['a service address', { userId: 'https://xds.example/b', userName: 'XDS' }, 'application'],
    ['application and facility', { userId: 'RIS|NORD', roles: [source] }, 'application'],
    ['a machine account', { userId: 'WS-1237$', roles: [role('110151')] }, 'application'],
    ['the audit source itself', { userId: 'viewer' }, 'application'],
    ['nobody', { userId: '<none>' }, 'application'],
    ['a name and no id', { userName: 'Claire Martin' }, 'person'],
    ['the audit source’s name and no id', { userName: 'Viewer' }, 'application'],
    ['an unknown AE title that sends', { userId: 'EST_MR2', roles: [source] }, 'device'],
    ['a process number that sends', { userId: '4711', roles: [source] }, 'application'],
    ['a long number that may be a professional’s', { userId: '10100000001', roles: [source] }, 'person'],
    [
      'an alternative AE title without a name',
      { userId: '123', alternativeUserId: 'AETITLES=FOO;BAR' },
      'device'
    ],
    ['capitals that may be a name', { userId: 'DURAND', roles: [source] }, 'person'],
    ['what nothing tells', { userId: 'me', roles: [source] }, 'person']
  ])('%s', (_, told, kind, code = '110103') => {
    expect(kindOf(participant(told), event(code), directory)).toBe(kind);
  });
});

test('the actor is the requesting person, else the requestor, else the first person, else the first', () => {
  const told = [true, true, false].map((requestor) => participant({ requestor }));
  expect(actorIndex(told, ['device', 'person', 'person'])).toBe(1);
  expect(actorIndex(told, ['device', 'application', 'person'])).toBe(0);
  const silent = told.map((one) => ({ ...one, requestor: null }));
  expect(actorIndex(silent, ['device', 'application', 'person'])).toBe(2);
  expect(actorIndex(silent, ['device', 'application', 'device'])).toBe(0);
  expect(actorIndex([], [])).toBe(-1);
});

test('access points are told by content, and nothing personal of them is kept', () => {
  expect(accessPointOf('10.1.2.3', '1')).toEqual({ id: '10.1.2.3', kind: 'ip' });
  expect(accessPointOf('fe80::1%eth0', '1')).toEqual({ id: 'fe80::1', kind: 'ip' });
  expect(accessPointOf('WS-12.ght.example', '2')).toEqual({ id: 'ws-12.ght.example', kind: 'host' });
  expect(accessPointOf('https://u:p@pacs.example/patients/7?x', '5')).toEqual({
    id: 'https://pacs.example',
    kind: 'uri'
  });
  expect(accessPointOf('/api/patients/000789', '5')).toEqual({ id: '', kind: 'uri' });
  expect(accessPointOf('c.martin@ght.example', '4')).toEqual({ id: '', kind: 'email' });
  expect(accessPointOf('0325494949', '3')).toEqual({ id: '', kind: 'phone' });
  expect(accessPointOf('(null)', '')).toEqual({ id: '', kind: '' });
});
