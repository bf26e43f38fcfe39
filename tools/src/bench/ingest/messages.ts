import {
  buildAuditMessage,
  dcm,
  type AuditMessage,
  type Coded,
  type ParticipantObject
} from '@vigie/schemas/audit-message';

/*
 * What a PACS sends in a day, for measuring: of the mix and the shape of real traffic, since what a message holds decides what a
 * receiver pays. One study's transfer lists its images (30 here, in ParticipantObjectDescription), so it is some forty elements
 * in a tree; padding a short message with a few long values instead makes it cheap to parse for everybody, for a C parser twice
 * as cheap. What is short by nature (a login) is filled with a comment, so that all messages are of one size and rates compare.
 */

/** Event, action, type of the event, and whether it is about a study; PS3.15 A.5.3. */
const kinds: readonly (readonly [Coded, AuditMessage['action'], Coded?])[] = [
  [dcm('110104', 'DICOM Instances Transferred'), 'R'],
  [dcm('110102', 'Begin Transferring DICOM Instances'), 'E'],
  [dcm('110103', 'DICOM Instances Accessed'), 'R'],
  [dcm('110112', 'Query'), 'E'],
  [dcm('110106', 'Export'), 'R'],
  [dcm('110107', 'Import'), 'C'],
  [dcm('110105', 'DICOM Study Deleted'), 'D'],
  [dcm('110110', 'Patient Record'), 'U'],
  [dcm('110113', 'Security Alert'), 'E', dcm('110126', 'Node Authentication')],
  [dcm('110114', 'User Authentication'), 'E', dcm('110122', 'Login')],
  [dcm('110100', 'Application Activity'), 'E', dcm('110120', 'Application Start')],
  [dcm('110101', 'Audit Log Used'), 'R']
];
const withoutStudy = new Set(['110114', '110100', '110101']);
const outcomes = [0, 0, 0, 0, 0, 0, 0, 4, 8, 12] as const;
const sites = ['TROYES', 'HPA', 'GHAM'];
const classes = [
  ['CT', '1.2.840.10008.5.1.4.1.1.2'],
  ['MR', '1.2.840.10008.5.1.4.1.1.4'],
  ['DX', '1.2.840.10008.5.1.4.1.1.1.1'],
  ['US', '1.2.840.10008.5.1.4.1.1.6.1'],
  ['MG', '1.2.840.10008.5.1.4.1.1.1.2']
] as const;
const names = ['DURAND^Ève', 'MÜLLER^Jörg', '田中^花子', 'MARTIN^Anna', "D'ARTAGNAN^Charles"];
const instances = 30;
const [users, patients, studies] = [200, 5000, 20_000];

/** When message `n` says it happened, ms: each has a millisecond of its own, by which it is found whatever it is about. */
export const happenedAt = (n: number): number => Date.UTC(2026, 10, 23, 6) + n * 137;

/**
 * Message `n` as a syslog frame (RFC 5424). The same `n` gives the same bytes.
 * @param bytes size of the document, reached with a comment where it is shorter
 */
export function busySyslog(n: number, bytes: number): string {
  const draw = random(n);
  const [event, action, type] = kinds[draw(kinds.length)] ?? [dcm('110100', 'Application Activity'), 'E'];
  const site = draw(sites.length);
  const [modality, sopClass] = classes[draw(classes.length)] ?? ['CT', ''];
  const [user, study, patient] = [draw(users), draw(studies), draw(patients)];
  const dateTime = new Date(happenedAt(n)).toISOString();
  const xml = buildAuditMessage({
    event,
    ...(type && { eventTypes: [type] }),
    action,
    outcome: outcomes[draw(outcomes.length)] ?? 0,
    dateTime,
    participants: [
      {
        userId: `medecin${user}`,
        alternativeUserId: `AETITLE=${modality}1_${sites[site]}`,
        userName: `Nom & Prénom ${user} (${sites[site]})`,
        requestor: true,
        roles: [dcm('110153', 'Source Role ID')],
        accessPoint: `10.${(site + 1) * 10}.0.${1 + draw(200)}`,
        accessPointType: 2
      },
      {
        userId: `urn:oid:1.2.250.1.999.${site}`,
        alternativeUserId: 'AETITLE=DEEPUNITY',
        userName: `Archive PACS ${sites[site]}`,
        requestor: false,
        roles: [dcm('110152', 'Destination Role ID')],
        accessPoint: 'pacs.ght-aube.example',
        accessPointType: 1
      }
    ],
    sourceId: 'DEEPUNITY',
    enterpriseSiteId: sites[site] ?? '',
    sourceTypes: [dcm('4', 'Application Server Process or Thread tier in a multi-tier system')],
    objects: withoutStudy.has(event.code) ? [] : objects(study, patient, sopClass)
  });
  const document = `<?xml version="1.0" encoding="UTF-8"?>${xml}`;
  const missing = bytes - Buffer.byteLength(document) - '<!---->'.length;
  const padded =
    missing > 0 ? document.replace(/(?=<\/AuditMessage>$)/, `<!--${'x'.repeat(missing)}-->`) : document;
  return `<85>1 ${dateTime} pacs.ght-aube.example DEEPUNITY ${1000 + draw(9000)} IHE+RFC-3881 - ${padded}`;
}

function objects(study: number, patient: number, sopClass: string): ParticipantObject[] {
  const uid = `2.25.${970_000 + study}`;
  return [
    {
      id: uid,
      idType: dcm('110180', 'Study Instance UID'),
      type: 2,
      role: 3,
      details: [{ type: 'StudyDate', value: 'MjAyNjExMjQ=' }],
      performedSteps: [`${uid}.999`],
      accessions: [`A${100_000 + study}`],
      sopClasses: [
        {
          uid: sopClass,
          instances,
          listed: Array.from({ length: instances }, (_, i) => `${uid}.1.${i + 1}`)
        }
      ]
    },
    {
      id: `${100_000 + patient}^^^&1.2.250.1.999.10.1&ISO`,
      idType: { code: '2', system: 'RFC-3881', text: 'Patient Number' },
      type: 1,
      role: 1,
      name: names[patient % names.length] ?? ''
    }
  ];
}

/** Numbers below a bound, drawn from a seed (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
