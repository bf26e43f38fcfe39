import { readHl7 } from './decode/hl7/message.ts';
import { readExams } from './decode/hl7/read.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseHl7 } from './normalise/exam.ts';
import { sourceOf } from './normalise/origin.ts';
import type { Reception } from './reception.ts';
import type { Findings, Trace } from './verdict.ts';

/** HL7 v2 messages of a RIS: exam milestones and the identities they tell. */
export function judgeHl7({ raw, source, peer }: Reception, directory: Directory, trace: Trace): Findings {
  const message = readHl7(raw);
  trace.source = sourceOf({ source, application: message.msh.get(3), peer }, directory);
  const told = readExams(message);
  const { origin, facts, identities } = normaliseHl7(told, trace.source, directory);
  return { origin, canonical: withoutEnds(raw), facts, identities: identities.list(), repairs: told.repairs };
}

/** The message without the line ends after its last segment, which retries and relays change. */
function withoutEnds(raw: Buffer): Buffer {
  let end = raw.length;
  while (end > 0 && (raw[end - 1] === 0x0d || raw[end - 1] === 0x0a)) end -= 1;
  return raw.subarray(0, end);
}
