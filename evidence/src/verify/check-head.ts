import type { ClickHouseClient } from '@vigie/store';
import type { Head } from '../head/head.ts';
import type { KeyRing } from '../key-ring.ts';
import { recordHash, verifyRecord } from '../signature.ts';
import type { Finding, Notice } from './finding.ts';
import { told } from './stored-record.ts';

/**
 * Holds a head that was kept elsewhere against the stored chains: its newest block, and its newest act, must still be there.
 * A head whose own signature is wrong is a finding too: it proves nothing then.
 */
export async function checkHead(
  client: ClickHouseClient,
  head: Head,
  ring: KeyRing,
  signal: AbortSignal
): Promise<{ readonly findings: Finding[]; readonly notices: Notice[] }> {
  const findings: Finding[] = [];
  const notices: Notice[] = [];
  for (const { collector, lane, block, header, act } of head.chains) {
    const place = { collector, lane, block };
    for (const signed of [header, ...(act ? [act] : [])]) {
      const key = ring.get(signed.key_id);
      const text = Buffer.from(signed.text);
      if (!key) findings.push({ ...place, code: 'key-unknown', detail: `of the head: ${signed.key_id}` });
      else if (
        recordHash(text).toString('hex') !== signed.hash ||
        !verifyRecord(text, Buffer.from(signed.signature, 'base64'), key)
      )
        findings.push({ ...place, code: 'signature-wrong', detail: 'of the head' });
      else if (!(await isStored(client, collector, lane, signed.text, signal)))
        findings.push({
          ...place,
          code: 'truncated',
          detail: `${signed === header ? 'the block' : 'a signed record'} was there on ${new Date(head.at).toISOString()}`
        });
    }
    notices.push({ ...place, code: 'head-behind', detail: new Date(head.at).toISOString() });
  }
  return { findings, notices };
}

async function isStored(
  client: ClickHouseClient,
  collector: string,
  lane: string,
  text: string,
  signal: AbortSignal
): Promise<boolean> {
  const result = await client.query({
    query: `SELECT count() AS n FROM audit.block
      WHERE header = {text:String} AND ${told.collector} = {collector:String} AND ${told.lane} = {lane:String}`,
    query_params: { collector, lane, text },
    format: 'JSONEachRow',
    abort_signal: signal,
    clickhouse_settings: { log_comment: 'evidence.head', max_execution_time: 60 }
  });
  const [row] = await result.json<{ n: number }>();
  return (row?.n ?? 0) > 0;
}
