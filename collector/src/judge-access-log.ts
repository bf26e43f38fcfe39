import { readAccessLog } from './decode/access-log/read.ts';
import { readSyslogHeader } from './decode/syslog-header.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Directory } from './normalise/directory.ts';
import { sourceOf } from './normalise/origin.ts';
import { normaliseRequest } from './normalise/request.ts';
import type { Reception } from './reception.ts';
import type { Findings, Trace } from './verdict.ts';

/**
 * One line of a web server's access log, in a syslog frame. The system is the one whose host the frame names, else the host that
 * was asked for, else the sender's address.
 */
export function judgeAccessLog(
  { raw, source: receiver, peer, receivedAt }: Reception,
  directory: Directory,
  trace: Trace
): Findings {
  const header = readSyslogHeader(raw, receivedAt);
  const named = (hostname: string) => sourceOf({ source: receiver, hostname, peer }, directory);
  trace.source = named(header.hostname);
  trace.traits = { header: header.form };
  const start = raw.indexOf(0x7b, header.form === 'none' ? 0 : header.bodyStart);
  if (start < 0) throw new Undecodable('bad-json', 'the message holds no JSON object');
  const body = raw.subarray(start);
  const { request, repairs } = readAccessLog(body);
  if (trace.source.startsWith('unknown:') && request.host !== '') trace.source = named(request.host);
  const { origin, facts } = normaliseRequest(request, trace.source, directory);
  return { origin, canonical: body, facts, identities: [], repairs };
}
