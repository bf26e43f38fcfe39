import { KarnakRow } from './decode/karnak.ts';
import { parseJson } from './decode/json/record.ts';
import { Undecodable } from './decode/undecodable.ts';
import type { Directory } from './normalise/directory.ts';
import { normaliseKarnak } from './normalise/karnak.ts';
import type { Reception } from './reception.ts';
import type { Findings, Trace } from './verdict.ts';

/** One row of Karnak's CSV export, as the receiver keeps it: a JSON object by column. */
export function judgeKarnak(
  { raw, source, receivedAt }: Reception,
  directory: Directory,
  trace: Trace
): Findings {
  const parsed = KarnakRow.safeParse(parseJson(raw), { reportInput: true });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const column = String(issue?.path[0] ?? '');
    const missing = issue?.code === 'invalid_type' && issue.input === undefined;
    throw new Undecodable(
      missing ? 'missing-field' : 'bad-value',
      `column "${column}" ${missing ? 'is missing' : issue?.message.startsWith('must ') ? issue.message : 'is invalid'}`
    );
  }
  trace.source = source;
  const { origin, facts } = normaliseKarnak(parsed.data, source, receivedAt, directory);
  return {
    origin,
    canonical: Buffer.concat([Buffer.from(`karnak|${source}|`), raw]),
    facts,
    identities: [],
    repairs: []
  };
}
