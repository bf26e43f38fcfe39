import type { InsStatus } from '@vigie/schemas/facts/exam';
import { isIns } from '@vigie/schemas/pseudonym';
import { cx } from './fields.ts';
import type { Segment } from './message.ts';
import type { ToldPatient } from './told-exam.ts';

/** Patients of a message: each PID with the MRG that follows it (ADT_A39 repeats the pair). */
export function patientsOf(segments: readonly Segment[]): ToldPatient[] {
  const patients: ToldPatient[] = [];
  segments.forEach((segment, i) => {
    if (segment.name !== 'PID') return;
    const next = segments.findIndex((one, at) => at > i && one.name === 'PID');
    const group = segments.slice(i + 1, next < 0 ? undefined : next);
    patients.push(patientOf(segment, group.find(({ name }) => name === 'MRG') ?? null));
  });
  return patients;
}

function patientOf(pid: Segment, mrg: Segment | null): ToldPatient {
  const lists = [pid.repetitions(3), pid.repetitions(2)];
  const name = pid.repetitions(5)[0];
  return {
    identifiers: (lists.find((list) => list.length > 0) ?? []).map(cx).filter((one) => one !== ''),
    name:
      name === undefined
        ? ''
        : [1, 2, 3]
            .map((part) => name.get(part))
            .join('^')
            .replace(/\^+$/, ''),
    birthDate: pid.get(7).slice(0, 8),
    sex: pid.get(8),
    reliability: pid.repetitions(32).map((one) => one.get(1).toUpperCase()),
    merged: (mrg?.repetitions(1) ?? []).map(cx).filter((one) => one !== '')
  };
}

/**
 * How far an identity is known (RNIV), from its INS (PID-3) and its reliability (PID-32, table 0445):
 *
 * | INS | VALI | status |
 * |---|---|---|
 * | told | yes | qualified |
 * | told | no | recovered |
 * | – | yes | validated |
 * | – | PROV, VIDE, DOUT, FICT, DOUB … | provisional |
 * | – | nothing told | '' |
 */
export function insStatusOf({ identifiers, reliability }: ToldPatient): InsStatus | '' {
  const known = identifiers.some(isIns);
  const valid = reliability.includes('VALI');
  if (known) return valid ? 'qualified' : 'recovered';
  if (valid) return 'validated';
  return reliability.some((one) => one !== '') ? 'provisional' : '';
}
