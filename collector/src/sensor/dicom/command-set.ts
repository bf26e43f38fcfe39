import { uidText } from './text.ts';

/** What is read of a command set (PS3.7 E.1). Instance UIDs and everything else stay where they are. */
export interface CommandSet {
  /** Command Field without its response bit. */
  readonly command: number;
  readonly response: boolean;
  /** Affected or Requested SOP Class UID. */
  readonly sopClass: string;
  /** Message ID, or the one that is responded to. */
  readonly message: number;
  readonly status: number | undefined;
  readonly completed: number | undefined;
  readonly failed: number | undefined;
  readonly warnings: number | undefined;
}

/**
 * Reads a command set: group 0000, always Implicit VR Little Endian.
 * @returns undefined when it holds no Command Field
 */
export function readCommandSet(bytes: Uint8Array): CommandSet | undefined {
  let [field, messageId, respondedTo, sopClass]: [number | undefined, number, number, string] = [
    undefined,
    0,
    0,
    ''
  ];
  let [status, completed, failed, warnings]: (number | undefined)[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const element = u16(bytes, at + 2);
    const length = u16(bytes, at + 4) + u16(bytes, at + 6) * 65_536;
    const start = at + 8;
    const end = start + length;
    if (u16(bytes, at) !== 0 || end > bytes.length) break;
    at = end;
    if (element === 0x0002 || element === 0x0003) sopClass ||= uidText(bytes, start, end);
    if (length < 2) continue;
    const value = u16(bytes, start);
    if (element === 0x0100) field = value;
    else if (element === 0x0110) messageId = value;
    else if (element === 0x0120) respondedTo = value;
    else if (element === 0x0900) status = value;
    else if (element === 0x1021) completed = value;
    else if (element === 0x1022) failed = value;
    else if (element === 0x1023) warnings = value;
  }
  if (field === undefined) return undefined;
  const response = (field & 0x8000) !== 0;
  return {
    command: field & 0x7fff,
    response,
    sopClass,
    message: response ? respondedTo : messageId,
    status,
    completed,
    failed,
    warnings
  };
}

const u16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8);
