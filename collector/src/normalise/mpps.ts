import type { MppsRecord } from '@vigie/schemas/facts/mpps';
import type { Fact, Origin } from '../verdict.ts';
import type { Directory } from './directory.ts';
import { Identities } from './identity.ts';
import { originAt } from './origin.ts';

type ExamFact = Extract<Fact, { table: 'ops.exam_event' }>;

/** One state of a performed procedure step → when the exam began, and how it ended. Site: the record's, else the station's. */
export function normaliseMpps(
  record: MppsRecord,
  source: string,
  directory: Directory
): { origin: Origin; facts: ExamFact[]; identities: Identities } {
  const identities = new Identities(directory);
  const { station_ae: station = '', patient_id: patientId, ended_at: endedAt } = record;
  const site = record.site ?? directory.siteByAe(station)?.id ?? directory.systemById(source)?.site ?? '';
  const origin = originAt(source, site, directory);
  const patient =
    patientId === undefined ? null : identities.patient(patientId, source, origin.establishment);
  const fact = (milestone: string, at: string, more: Partial<ExamFact['row']> = {}): ExamFact => ({
    table: 'ops.exam_event',
    row: {
      site: origin.site,
      establishment: origin.establishment,
      occurred_at: Date.parse(at),
      milestone,
      accession: record.accession,
      study: record.study ?? '',
      patient,
      room: station,
      modality: record.modality ?? directory.systemByAe(station)?.modality ?? '',
      procedure_code: '',
      priority: '',
      patient_class: '',
      actor_id: '',
      actor_role: '',
      actor_site: '',
      told_at: record.told_at === undefined ? null : Date.parse(record.told_at),
      told_sequence: null,
      order_number: '',
      step: record.step,
      appointment_at: null,
      visit: null,
      acts: null,
      ins_status: '',
      report_status: '',
      reader_level: '',
      organisation: '',
      reason: '',
      instances: null,
      documents: null,
      document_bytes: null,
      ...more
    }
  });
  const facts = [fact('started', record.started_at)];
  const instances = record.instances ?? null;
  if (record.status === 'COMPLETED' && endedAt !== undefined)
    facts.push(fact('ended', endedAt, { instances }));
  if (record.status === 'DISCONTINUED' && endedAt !== undefined)
    facts.push(fact('cancelled', endedAt, { reason: record.reason ?? 'discontinued', instances }));
  return { origin, facts, identities };
}
