import type { Milestone } from '@vigie/schemas/facts/exam';

/** ORC-1 (HL7 table 0119) of orders that end without an exam. */
const cancels = new Set(['CA', 'OC', 'CR', 'DC', 'OD', 'DR']);

/** ORC-5 (table 0038). */
const orderStatus: Readonly<Record<string, Milestone>> = {
  SC: 'scheduled',
  IP: 'started',
  A: 'started',
  CM: 'ended',
  CA: 'cancelled',
  DC: 'cancelled'
};

/** OBR-25 (table 0123) in an order. */
const resultStatusOfOrder: Readonly<Record<string, Milestone>> = {
  S: 'scheduled',
  I: 'started',
  A: 'started',
  R: 'ended',
  P: 'drafted',
  F: 'signed',
  C: 'signed',
  X: 'cancelled'
};

/** OBR-25, else OBX-11, in a report. */
const resultStatusOfReport: Readonly<Record<string, Milestone>> = {
  A: 'drafted',
  P: 'drafted',
  R: 'drafted',
  F: 'signed',
  C: 'signed',
  X: 'cancelled'
};

/**
 * What one order group (ORC, OBR) of an ORM^O01, OMG^O19 or OMI^O23 says of its exam (IHE RAD-2, RAD-3, RAD-4, RAD-13):
 *
 * | ORC-1 | ORC-5, else OBR-25 | milestone |
 * |---|---|---|
 * | CA OC CR DC OD DR | any | cancelled |
 * | any | SC / S | scheduled |
 * | any | IP A / I A | started |
 * | any | CM / R | ended |
 * | any | CA DC / X | cancelled |
 * | any | – / P, F C | drafted, signed |
 * | NW, SN | none of these | ordered |
 * | other (XO, SC, RE …) | none of these | none: it tells no step of an exam |
 */
export function milestoneOfOrder(control: string, status: string, result: string): Milestone | null {
  if (cancels.has(control)) return 'cancelled';
  const told = orderStatus[status] ?? resultStatusOfOrder[result];
  if (told !== undefined) return told;
  return control === 'NW' || control === 'SN' ? 'ordered' : null;
}

/** ORU^R01: A, P, R → drafted; F → signed; C (a correction) → signed again; X → cancelled; I, S, O tell no step. */
export function milestoneOfReport(result: string): Milestone | null {
  return resultStatusOfReport[result] ?? null;
}

/** SIU (IHE RAD-48): S12 and S13 (moved) → scheduled; S15, S17, S26 (no-show) → cancelled; S14 and others none. */
export function milestoneOfAppointment(trigger: string): Milestone | null {
  if (trigger === 'S12' || trigger === 'S13') return 'scheduled';
  return trigger === 'S15' || trigger === 'S17' || trigger === 'S26' ? 'cancelled' : null;
}
