import { Undecodable } from './decode/undecodable.ts';
import { judgeAccessLog } from './judge-access-log.ts';
import { judgeAudit } from './judge-audit.ts';
import { judgeFhir, judgeRefused } from './judge-fhir.ts';
import { judgeHl7 } from './judge-hl7.ts';
import {
  judgeCensus,
  judgeExam,
  judgeFilesystem,
  judgeMpps,
  judgeOrthanc,
  judgeProbe,
  judgeSignal,
  judgeStorage,
  judgeTransfer,
  judgeUsage,
  judgeVolume
} from './judge-json.ts';
import { judgeKarnak } from './judge-karnak.ts';
import { judgeOtlp } from './judge-otlp.ts';
import type { Directory } from './normalise/directory.ts';
import { originOf, sourceOf } from './normalise/origin.ts';
import { usesIn } from './normalise/uses.ts';
import type { Format, Reception } from './reception.ts';
import type { Findings, Trace, Verdict } from './verdict.ts';

type Judge = (reception: Reception, directory: Directory, trace: Trace) => Findings;

/** Each decoder by name@version: a change of what it reads raises the version. */
const judges: Record<Format, { readonly decoder: string; readonly judge: Judge }> = {
  syslog: { decoder: 'audit-xml@2', judge: judgeAudit },
  'audit-xml': { decoder: 'audit-xml@2', judge: judgeAudit },
  'json-audit': { decoder: 'audit-xml@2', judge: judgeAudit },
  'own-audit': { decoder: 'audit-xml@2', judge: judgeAudit },
  'fhir-json': { decoder: 'fhir-r4@1', judge: judgeFhir },
  'fhir-xml': { decoder: 'fhir-r4@1', judge: judgeFhir },
  'fhir-refused': { decoder: 'fhir-r4@1', judge: judgeRefused },
  hl7: { decoder: 'hl7@3', judge: judgeHl7 },
  'json-transfers': { decoder: 'json-transfers@1', judge: judgeTransfer },
  'json-exams': { decoder: 'json-exams@2', judge: judgeExam },
  'json-mpps': { decoder: 'json-mpps@1', judge: judgeMpps },
  'json-storage': { decoder: 'json-storage@1', judge: judgeStorage },
  'json-volumes': { decoder: 'json-volumes@1', judge: judgeVolume },
  'json-probes': { decoder: 'json-probes@1', judge: judgeProbe },
  'json-usage': { decoder: 'json-usage@2', judge: judgeUsage },
  'access-log': { decoder: 'access-log@2', judge: judgeAccessLog },
  'json-census': { decoder: 'census@1', judge: judgeCensus },
  census: { decoder: 'census@1', judge: judgeCensus },
  karnak: { decoder: 'karnak@1', judge: judgeKarnak },
  'otlp-protobuf': { decoder: 'otlp@2', judge: judgeOtlp },
  'otlp-json': { decoder: 'otlp@2', judge: judgeOtlp },
  probe: { decoder: 'probe@1', judge: judgeProbe },
  orthanc: { decoder: 'orthanc@2', judge: judgeOrthanc },
  prometheus: { decoder: 'prometheus@1', judge: judgeFilesystem },
  signal: { decoder: 'signal@1', judge: judgeSignal }
};

let last = { source: '', peer: '', directory: undefined as Directory | undefined, found: '' };

/** Where a reception comes from before it is read. Neighbours of one connection share it: looked up once. */
function sourceAhead({ source, peer }: Reception, directory: Directory): string {
  if (last.source !== source || last.peer !== peer || last.directory !== directory)
    last = { source, peer, directory, found: sourceOf({ source, peer }, directory) };
  return last.found;
}

/**
 * Decodes and normalises one reception. Pure: the same bytes, reception time and directory give the same verdict.
 * Never throws: what no decoder foresaw is quarantined as bad-value under the name of the error alone.
 */
export function judge(reception: Reception, directory: Directory): Verdict {
  const { peer, format, oversize } = reception;
  const trace: Trace = { source: sourceAhead(reception, directory) };
  const { decoder, judge: find } = judges[format];
  try {
    if (oversize !== undefined)
      throw new Undecodable(
        'oversize',
        `the message is ${oversize.bytes} bytes long, beyond the cap of its input: only its head is kept`
      );
    const {
      origin,
      canonical,
      facts: found,
      refused,
      identities,
      repairs
    } = find(reception, directory, trace);
    const uses = usesIn(found, origin.source, directory);
    const facts = uses.length === 0 ? found : [...found, ...uses];
    const { traits } = trace;
    return { kind: 'facts', decoder, origin, canonical, facts, refused, identities, repairs, traits };
  } catch (error) {
    const known = error instanceof Undecodable;
    return {
      kind: 'quarantine',
      origin: originOf(trace.source, peer, directory),
      decoder,
      reason: known ? error.reason : 'bad-value',
      detail: known
        ? error.message
        : `the decoder failed: ${error instanceof Error ? error.name : 'unknown error'}`,
      ...(trace.traits && { traits: trace.traits })
    };
  }
}
