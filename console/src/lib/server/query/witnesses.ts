import { define, type Bounds } from './define.ts';
import { Key, keyColumns, NarrowLine, type AccessRow } from './access.ts';
import { narrowColumns } from './access-sql.ts';

/** What messages of a page are about, and the times within which others may tell the same acts. */
export interface Around extends Bounds {
  readonly lane: string;
  /** Study Instance UIDs and accession numbers. */
  readonly studies: readonly string[];
  /** 32 hexadecimal digits each. */
  readonly patients: readonly string[];
  /** Times of the page's messages, ms since 1970, and how far from one of them a witness may be, ms. */
  readonly times: readonly number[];
  readonly reach: number;
  readonly limit: number;
}

/** Days after which a message that comes late is no more looked for as a witness; its partition is not read. */
const latestDays = 31;

const time = `occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)} AND lane = {lane:String} AND establishment IN {scope:Array(String)}
    AND received_at >= toDate({from:DateTime64(3)}) - 1 AND received_at <= toDate({to:DateTime64(3)}) + ${latestDays}
    AND arrayExists(one -> abs(toUnixTimestamp64Milli(occurred_at) - one) <= {reach:UInt32}, {times:Array(Int64)})`;

/**
 * Where messages lie that name the same studies or patients at about the same time, whatever filters the page has: a witness is
 * shown whether or not it was asked for.
 */
export const aroundKeys = define<Around, Key>({
  name: 'access.around',
  sql: `SELECT DISTINCT ${keyColumns} FROM (
      SELECT ${keyColumns} FROM audit.event_by_study
      WHERE study_key IN (SELECT sipHash64(arrayJoin({studies:Array(String)}))) AND ${time} LIMIT {limit:UInt32}
      UNION ALL SELECT ${keyColumns} FROM audit.event_by_patient
      WHERE patient IN (SELECT toFixedString(unhex(arrayJoin({patients:Array(String)})), 16)) AND ${time} LIMIT {limit:UInt32})`,
  row: Key
});

/** The same from the patients' narrow table alone, as its lines. */
export const aroundPatients = define<Around, AccessRow>({
  name: 'access.around-patients',
  sql: `SELECT ${narrowColumns} FROM audit.event_by_patient AS e
    WHERE patient IN (SELECT toFixedString(unhex(arrayJoin({patients:Array(String)})), 16)) AND ${time} LIMIT 1 BY collector, seq, sub LIMIT {limit:UInt32}`,
  row: NarrowLine
});
