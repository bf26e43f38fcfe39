import type { Milestone, ReportStatus } from '@vigie/schemas/facts/exam';

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

/** OBR-25 (table 0123), else OBX-11 (table 0085), in a report. */
const statusOfReport: Readonly<Record<string, readonly [Milestone, ReportStatus | '']>> = {
  A: ['drafted', 'draft'],
  R: ['drafted', 'draft'],
  P: ['drafted', 'preliminary'],
  F: ['signed', 'final'],
  C: ['signed', 'corrected'],
  X: ['cancelled', '']
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

/**
 * What a report (ORU^R01) says of its exam: A R → drafted, a draft; P → drafted, preliminary; F → signed, final; C → signed, corrected; X →
 * cancelled; I, S, O and others tell no step. A signed one that holds an addendum is one.
 */
export function milestoneOfReport(
  result: string,
  addendum: boolean
): { readonly milestone: Milestone; readonly status: ReportStatus | '' } | null {
  const [milestone, status] = statusOfReport[result] ?? [];
  if (milestone === undefined || status === undefined) return null;
  return { milestone, status: milestone === 'signed' && addendum ? 'addendum' : status };
}

/** SCH-25 (table 0278, which sites extend), in an appointment that was modified (S14). */
const statusOfAppointment: Readonly<Record<string, Milestone>> = {
  ARRIVED: 'arrived',
  CHECKEDIN: 'arrived',
  CANCELLED: 'cancelled',
  DC: 'cancelled',
  DELETED: 'cancelled',
  NOSHOW: 'no-show'
};

/**
 * What an appointment (SIU, IHE RAD-48) says: S12 booked and S13 moved → scheduled; S15 cancelled, S16 discontinued, S17 deleted →
 * cancelled; S26 → no-show; S14 what SCH-25 says. S18 to S25 are about services, resources and blocks: none.
 */
export function milestoneOfAppointment(trigger: string, status: string): Milestone | null {
  switch (trigger) {
    case 'S12':
    case 'S13':
      return 'scheduled';
    case 'S15':
    case 'S16':
    case 'S17':
      return 'cancelled';
    case 'S26':
      return 'no-show';
    case 'S14':
      return statusOfAppointment[status.toUpperCase().replaceAll(/[\s_-]/g, '')] ?? null;
    default:
      return null;
  }
}
