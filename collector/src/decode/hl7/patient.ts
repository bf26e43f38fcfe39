import type { InsStatus } from '@vigie/schemas/facts/exam';
import { isIns } from '@vigie/schemas/pseudonym';
import { cx } from './fields.ts';
import type { Segment } from './message.ts';
import type { ToldPatient } from './told-exam.ts';

/** Patients of one message whose identities are taken: far above what any sender puts into one. */
const patientLimit = 64;

/**
 * Patients of a message: each PID with the MRG that follows it (ADT_A39 repeats the pair).
 * @returns the first 64, and whether the message names more: these are in the raw message alone
 */
export function patientsOf(segments: readonly Segment[]): { patients: ToldPatient[]; more: boolean } {
  const pairs: { readonly pid: Segment; mrg: Segment | null }[] = [];
  for (const segment of segments) {
    const last = pairs.at(-1);
    if (segment.name === 'MRG' && last !== undefined) last.mrg ??= segment;
    if (segment.name !== 'PID') continue;
    if (pairs.length === patientLimit) return { patients: pairs.map(patientOf), more: true };
    pairs.push({ pid: segment, mrg: null });
  }
  return { patients: pairs.map(patientOf), more: false };
}

function patientOf({ pid, mrg }: { readonly pid: Segment; readonly mrg: Segment | null }): ToldPatient {
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
