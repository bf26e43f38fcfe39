import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAuditMessage, dcm, type AuditMessage } from '@vigie/schemas/audit-message';
import { parseConfig } from '@vigie/schemas';
import { codingOf, fieldMappings } from '@vigie/schemas/vocabulary/audit-event-fhir';
import { expect, test } from 'vitest';
import { judge } from '../../judge.ts';
import { createDirectory } from '../../normalise/directory.ts';
import type { Format } from '../../reception.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures');
const directory = createDirectory(
  parseConfig(readFileSync(join(fixtures, 'vigie.yaml'), 'utf8'), 'fixtures/vigie.yaml'),
  Buffer.alloc(32, 7)
);

function rowOf(text: string, format: Format) {
  const reception = { format, transport: 'http', peer: '10.10.3.4', source: '' } as const;
  const verdict = judge(
    { ...reception, raw: Buffer.from(text), receivedAt: Date.UTC(2026, 10, 24) },
    directory
  );
  const [fact] = verdict.kind === 'facts' ? verdict.facts : [];
  if (fact?.table !== 'audit.event' || verdict.kind !== 'facts') throw new Error(JSON.stringify(verdict));
  return { row: fact.row, identities: verdict.identities.map(({ content }) => content) };
}

const told: AuditMessage = {
  event: dcm('110104', 'DICOM Instances Transferred'),
  eventTypes: [{ code: 'ITI-43', system: 'IHE Transactions', text: 'Retrieve Document Set' }],
  action: 'R',
  outcome: 4,
  dateTime: '2026-11-24T08:05:00.500+01:00',
  purposes: [{ code: 'TREAT', system: '2.16.840.1.113883.5.8', text: 'treatment' }],
  participants: [
    {
      userId: 'NORD_CT1',
      alternativeUserId: 'AETITLES=NORD_CT1',
      requestor: false,
      roles: [dcm('110153', 'Source Role ID')],
      accessPoint: 'ct1.nord.example',
      accessPointType: 1
    },
    {
      userId: 'cmartin',
      userName: 'Claire Martin',
      requestor: true,
      roles: [{ code: '10', system: '1.2.250.1.213.1.1.4.5', text: 'Radiologue' }],
      accessPoint: '10.20.3.4',
      accessPointType: 2
    }
  ],
  sourceId: 'PACS',
  enterpriseSiteId: 'SUD',
  objects: [
    {
      id: '1.2.250.1.999.7.1',
      idType: dcm('110180', 'Study Instance UID'),
      type: 2,
      role: 3,
      lifeCycle: 6,
      accessions: ['A2026112400017'],
      sopClasses: [{ uid: '1.2.840.10008.5.1.4.1.1.2', instances: 212 }],
      details: [{ type: 'Modality', value: Buffer.from('CT').toString('base64') }]
    },
    {
      id: '0012345^^^&1.2.250.1.999.10.1&ISO',
      idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
      type: 1,
      role: 1,
      name: 'BERTHIER^Ginette'
    }
  ]
};

/** The same event as a FHIR source tells it, by the mapping. */
const concept = (coding: object, text: string) => ({ coding: [coding], text });
const resource = {
  resourceType: 'AuditEvent',
  type: codingOf('event', told.event.code),
  subtype: [codingOf('event-type', 'ITI-43')],
  action: told.action,
  period: { start: told.dateTime },
  recorded: '2026-11-24T07:05:01Z',
  outcome: '4',
  purposeOfEvent: [concept(codingOf('purpose', 'TREAT'), 'treatment')],
  agent: [
    {
      type: concept(codingOf('role', '110153'), 'Source Role ID'),
      who: { identifier: { value: 'NORD_CT1' } },
      altId: 'AETITLES=NORD_CT1',
      requestor: false,
      network: { address: 'ct1.nord.example', type: '1' }
    },
    {
      type: concept({ system: 'urn:oid:1.2.250.1.213.1.1.4.5', code: '10' }, 'Radiologue'),
      who: { identifier: { value: 'cmartin' } },
      name: 'Claire Martin',
      requestor: true,
      network: { address: '10.20.3.4', type: '2' }
    }
  ],
  source: { site: 'SUD', observer: { identifier: { value: 'PACS' } } },
  entity: [
    {
      what: {
        identifier: { type: concept(codingOf('object-id-type', '110180'), ''), value: '1.2.250.1.999.7.1' }
      },
      type: codingOf('object-type', '2'),
      role: codingOf('object-role', '3'),
      lifecycle: codingOf('life-cycle', '6'),
      detail: [{ type: 'Modality', valueString: 'CT' }],
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/auditevent-Accession',
          valueIdentifier: { value: 'A2026112400017' }
        },
        {
          url: 'http://hl7.org/fhir/StructureDefinition/auditevent-SOPClass',
          valueReference: { reference: 'urn:oid:1.2.840.10008.5.1.4.1.1.2' }
        },
        { url: 'http://hl7.org/fhir/StructureDefinition/auditevent-NumberOfInstances', valueInteger: 212 }
      ]
    },
    {
      what: {
        identifier: {
          type: concept(codingOf('object-id-type', '2'), ''),
          system: 'urn:oid:1.2.250.1.999.10.1',
          value: '0012345'
        }
      },
      type: codingOf('object-type', '1'),
      role: codingOf('object-role', '1'),
      name: 'BERTHIER^Ginette'
    }
  ]
};

test('one event told by DICOM and by FHIR gives the same facts and identities', () => {
  const dicom = rowOf(
    `<85>1 2026-11-24T07:05:01Z pacs PACS 1 IHE+RFC-3881 - ${buildAuditMessage(told)}`,
    'syslog'
  );
  const fhir = rowOf(JSON.stringify(resource), 'fhir-json');
  expect(fhir).toEqual(dicom);
  for (const { columns } of fieldMappings)
    for (const column of columns) expect(fhir.row[column as keyof typeof fhir.row], column).not.toEqual('');
});

test('patients and users that only a reference names are kept apart by server', () => {
  const by = (observer: string, patient: string, who: string) => {
    const { row } = rowOf(
      JSON.stringify({
        ...resource,
        agent: [{ who: { reference: who }, requestor: true }],
        source: { observer: { identifier: { value: observer } } },
        entity: [{ what: { reference: patient } }]
      }),
      'fhir-json'
    );
    return [row.patients.map((one) => one.toString('hex')).join(), row.actor_id];
  };
  const ris = by('RIS', 'Patient/1', 'Practitioner/1');
  expect(by('RIS', 'Patient/1/_history/4', 'Practitioner/1')).toEqual(ris);
  const pacs = by('PACS', 'Patient/1', 'Practitioner/1');
  expect(new Set([...ris, ...pacs]).size).toBe(4);
  const absolute = by('RIS', 'https://a.example/r4/Patient/1', 'https://a.example/r4/Practitioner/1');
  expect(by('PACS', 'https://a.example/r4/Patient/1', 'https://a.example/r4/Practitioner/1')).toEqual(
    absolute
  );
  expect(absolute[0]).toMatch(/^[0-9a-f]{32}$/);
});

test.each([
  [{ start: '2026-11-24' }, '2026-11-24T07:05:01Z', ['period-without-time']],
  [{ end: '2026-11-24T06:00:00Z' }, '2026-11-24T06:00:00Z', []],
  [undefined, '2026-11-24T07:05:01Z', []]
])(
  'the act is the period %j where it tells a time, else when it was recorded',
  (period, expected, repairs) => {
    const { row } = rowOf(JSON.stringify({ ...resource, period }), 'fhir-json');
    expect([new Date(row.occurred_at).toISOString(), row.repairs]).toEqual([
      new Date(expected).toISOString(),
      repairs
    ]);
  }
);

test('what is made to take long is judged all the same', () => {
  const many = <T>(item: T, count: number) => Array.from({ length: count }, () => item);
  const hostile = {
    ...resource,
    subtype: many({ system: 'x', code: 'y' }, 10_000),
    contained: many({ resourceType: 'Patient' }, 1000),
    agent: [
      ...many({ who: { reference: '#none' }, requestor: false }, 5_000),
      { role: many({ coding: many({ code: '1' }, 100) }, 2_000), requestor: true },
      { who: { reference: `https:/${'/Aa/b/_history/x'.repeat(60_000)}\n` }, requestor: false }
    ],
    entity: [{ description: 'Accession: '.repeat(50_000) + 'SOPClasses: ' + '1'.repeat(90_000) }]
  };
  expect(rowOf(JSON.stringify(hostile), 'fhir-json').row.participant_id).toHaveLength(5_002);
  const contained = '<contained><Patient/></contained>'.repeat(60_000);
  const xml = `<AuditEvent xmlns="http://hl7.org/fhir">${contained}</AuditEvent>`;
  expect(() => rowOf(xml, 'fhir-xml')).toThrow(/missing|must hold/);
});
