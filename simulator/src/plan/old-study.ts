import { mixes } from '../group/mix.ts';
import type { Patient } from '../group/patients.ts';
import type { Random } from '../random.ts';
import type { Study } from './audit-parts.ts';
import { addDays } from './paris.ts';

const modalities = ['DX', 'CT', 'US', 'MR'] as const;

/** A study of before the simulation, of a patient: what one compares with, or what a curious person finds. */
export function oldStudy(
  of: { readonly patient: Patient; readonly modality?: string },
  random: Random
): Study {
  const day = addDays('2026-07-01', -random.whole(1, 900)).replaceAll('-', '');
  const number = random.whole(1, 200);
  const other = random.pick(modalities);
  const modality = of.modality ?? other;
  return {
    study: `1.2.250.1.999.7.${day}.1.${number}`,
    accession: `A1${day.slice(2)}${String(number).padStart(4, '0')}`,
    modality,
    images: mixes[modality]?.images ?? 1,
    patient: of.patient
  };
}
