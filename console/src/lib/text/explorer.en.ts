import type { Widen } from './fr.ts';
import type { explorerFr } from './explorer.fr.ts';

/** A count with its noun. */
const some = (count: string, noun: string) => `${count} ${noun}${count === '1' ? '' : 's'}`;

/** Words of the explorer of accesses, its timelines, exports and saved searches, in English. */
export const explorerEn: Widen<typeof explorerFr> = {
  filters: 'Filters',
  active: 'Active filters',
  remove: (what) => `Remove: ${what}`,
  facets: {
    event: 'Act',
    site: 'Site',
    source: 'Source',
    role: 'Role',
    modality: 'Modality',
    action: 'Action',
    outcome: 'Outcome',
    emergency: 'Emergency access'
  },
  noModality: 'No modality',
  histogram: 'Messages over time',
  messagesWord: 'Messages',
  brush: 'Drag over columns to narrow the period.',
  brushKeys: 'Arrows choose a column, Shift and arrows several, Enter narrows the period to them.',
  picked: (from, to, events) => `From ${from} to ${to}: ${events} messages`,
  counts: (acts, messages, total) =>
    `${some(acts, 'act')} told by ${some(messages, 'message')} on this page, ${some(total, 'message')} in all`,
  witnesses: 'Witnesses',
  messages: (count) => some(String(count), 'message'),
  seek: 'Find',
  seekKind: 'What',
  kinds: { patient: 'A patient', user: 'A user', study: 'A study' },
  seekWhat: {
    patient: 'Local or national id, or HL7 identifier (id^^^authority)',
    user: 'Login, AE title or pseudonym',
    study: 'Study UID or accession number'
  },
  seekNote: 'The search is audited. What is typed is never put into the address.',
  seekFault: 'Enter an identifier, and a purpose for a patient.',
  soughtChip: { patient: 'One patient', user: 'One user', study: 'One study' },
  timeline: 'Timeline',
  timelineOf: {
    patient: 'Who saw this patient',
    user: 'What this user did',
    study: 'The life of this study'
  },
  timelineSum: (acts, messages) => `${some(acts, 'act')} told by ${some(messages, 'message')}`,
  year: 'Day by day',
  yearText: (days, events, most, when) =>
    `${some(events, 'message')} on ${some(days, 'day')}, ${most} at most on ${when}.`,
  dayEvents: (day, events) => `${day}: ${some(events, 'message')}`,
  allDays: 'Every day',
  follow: {
    patient: 'Timeline of the patient',
    user: 'Timeline of the user',
    study: 'Timeline of the study'
  },
  list: 'See as a list',
  nothing: 'Nothing over the period.',
  told: 'Told by',
  toldNote: 'Several systems tell the same act: same study or patient, same kind, within minutes.',
  toldOnce: 'One message alone tells this act.',
  here: 'this message',
  receptionCount: (count) => `received ${count} times`,
  saved: 'Saved searches',
  save: 'Save this search',
  saveName: 'Name',
  saveFull: 'A hundred searches are saved already: delete one.',
  saveRule: 'Give a name of 1 to 80 characters.',
  rename: 'Rename',
  remove1: 'Delete',
  savedNone: 'No saved search.',
  savedGone: 'This search is no more.',
  exported: 'Export',
  exportNote: (total) =>
    `${total} messages, under pseudonyms. The export is audited; a signed manifest tells the query, the number of rows, the hash of the file and the blocks it comes from.`,
  exportFormat: 'Format',
  exportFormats: {
    csv: 'CSV',
    xlsx: 'Excel (XLSX)',
    bundle: 'FHIR Bundle (JSON)',
    fhir: 'FHIR AuditEvent (NDJSON)'
  },
  exportStart: 'Prepare the export',
  exportDownload: 'Download',
  exportManifest: 'Signed manifest',
  exportSignature: 'Signature',
  exportNoKey: 'The key keys/console.key is missing: no export can be signed. The start makes it.',
  exportCancel: 'Cancel',
  exportStates: {
    ready: 'ready to download',
    running: 'running',
    done: 'done',
    cancelled: 'cancelled',
    failed: 'broken off'
  },
  exportRows: (rows, expected) => `${rows} of about ${expected} rows`,
  exportDone: (rows, size) => `${rows} rows, ${size}`,
  exports: 'Recent exports',
  exportsNone: 'No export.',
  exportPage: 'Files are not kept: an export is downloaded once, its manifest stays for a day.'
};
