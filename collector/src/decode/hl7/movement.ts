import { first, timeOf } from './fields.ts';
import type { Segment } from './message.ts';
import type { ToldMovement } from './told-exam.ts';

/** ADT triggers that are read (HL7 table 0003; IHE PAM and its French extension), in words. */
const events: Readonly<Record<string, string>> = {
  A01: 'admitted',
  A02: 'transferred',
  A03: 'discharged',
  A04: 'registered',
  A05: 'pre-admitted',
  A06: 'made-inpatient',
  A07: 'made-outpatient',
  A08: 'updated',
  A11: 'admission-cancelled',
  A12: 'transfer-cancelled',
  A13: 'discharge-cancelled',
  A28: 'identity-created',
  A31: 'identity-updated',
  A40: 'merged',
  A47: 'identifier-changed'
};

/** Whether a message type is an ADT that is read. */
export const isMovement = (type: string): boolean => type.startsWith('ADT^') && type.slice(4) in events;

/** EVN-6, else PV1-44 (admitted) or PV1-45 (discharged), EVN-2, MSH-7. @throws {Undecodable} missing-field, bad-value */
export function movementOf(segments: readonly Segment[], trigger: string, sentAt: string): ToldMovement {
  const [evn, pv1] = ['EVN', 'PV1'].map((name) => first(segments, name));
  const times: readonly (readonly [field: string, told: string | undefined])[] = [
    ['EVN-6 (event occurred)', evn?.get(6)],
    ['PV1-44 (admit date/time)', trigger === 'A01' ? pv1?.get(44) : ''],
    ['PV1-45 (discharge date/time)', trigger === 'A03' ? pv1?.get(45) : ''],
    ['EVN-2 (recorded date/time)', evn?.get(2)],
    ['MSH-7', sentAt]
  ];
  const [field, told = ''] = times.find(([, one]) => one) ?? ['MSH-7'];
  return {
    event: events[trigger] ?? '',
    occurredAt: timeOf(told, field),
    patientClass: pv1?.get(2) ?? '',
    unit: pv1?.get(3, 1) ?? ''
  };
}
