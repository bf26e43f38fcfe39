import type { systemsFr } from './systems.fr.ts';
import type { Widen } from './fr.ts';

/** Words of the pages about one system, in English. */
export const systemsEn: Widen<typeof systemsFr> = {
  headline: (count, troubled) =>
    troubled === 0
      ? `${count} systems watched, none in trouble`
      : troubled === 1
        ? `One system in trouble of ${count}`
        : `${troubled} systems in trouble of ${count}`,
  index: 'All systems',
  state: 'State',
  strip: '24 h, by quarter of an hour',
  heard: 'Heard',
  never: 'never',
  availability: 'Availability this month',
  target: (percent) => `objective ${percent}`,
  declared: 'How Vigie knows it',
  kind: 'Kind',
  site: 'Site',
  shared: 'shared by the group',
  silence: 'Silence is abnormal after',
  rhythm: 'Its rhythm',
  rhythmOf: (usual) => `at this hour, up to ${usual} of silence on nine days of ten`,
  noRhythm: 'not heard enough yet to know one',
  nothingDeclared: 'vigie.yaml gives this system no input: Vigie knows of it only what others tell.',
  ways: {
    key: 'JSON and FHIR over HTTP (key)',
    certificate: 'Syslog TLS (certificate)',
    audit: 'ATNA audits (source name)',
    host: 'Syslog (host name)',
    network: 'Syslog, HTTP (address)',
    hl7: 'HL7 by MLLP (application)',
    dicom: 'DICOM, seen by an observer (AE)',
    pull: 'Asked by Vigie',
    metrics: 'OTLP or Prometheus metrics (rules)',
    probe: 'Probed by Vigie',
    observer: 'Transfers counted by'
  },
  unverified: 'What is not verified with the vendor’s product',
  unverifiedKinds: {
    pacs: 'Tried with Orthanc, DCMTK and messages of the standard; no commercial PACS was connected.',
    vna: 'Tried with Orthanc and DCMTK; no commercial vendor-neutral archive was connected.',
    ris: 'Tried with HL7 v2 messages and the IHE profiles; no commercial RIS was connected.',
    viewer: 'Tried with nginx in front of Orthanc and the OHIF viewer; no commercial viewer was connected.',
    portal: 'Tried with FHIR AuditEvents and audits of the standard; the vendor’s portal was not connected.',
    archive: 'Tried with Orthanc and DCMTK; the hosted archive itself was not connected.',
    ai: 'Tried with C-STOREs of SR and Vigie’s own JSON; no commercial AI was connected.',
    modality: 'Tried with the tools of DCMTK; no real modality was connected.',
    gateway: 'Tried with documented exports; no real gateway was connected.',
    sensor:
      'Tried with DCMTK, Orthanc and dcmjs-dimse over loopback, against tshark; no mirrored port of a hospital’s switch was connected.',
    other: 'No real product of this kind was connected.'
  },
  yes: 'declared',
  nothing: 'Nothing in the period',
  kinds: {
    pacs: 'PACS',
    vna: 'Vendor-neutral archive (VNA)',
    ris: 'RIS',
    viewer: 'Web viewer',
    portal: 'Patient portal',
    archive: 'External archive',
    ai: 'Artificial intelligence',
    modality: 'Modality',
    gateway: 'Gateway',
    sensor: 'Network sensor',
    other: 'Other'
  },
  sourcePage: 'Details of what it sends'
};
