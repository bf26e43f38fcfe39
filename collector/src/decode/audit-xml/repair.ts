/**
 * What was mended in reading an audit message, by name. Closed: shown per source, so that its maker can mend it.
 *
 * | name | what the sender did |
 * |---|---|
 * | charset-windows-1252, charset-utf-16 | bytes that are not UTF-8 |
 * | wrong-encoding | a prolog that names another encoding than the bytes have |
 * | mangled-bom, leading-text | a byte order mark lost to a conversion, text before the document |
 * | relay-escapes | `#012` of rsyslog for line feeds |
 * | truncated | cut on its way: only what the closed tags tell is kept |
 * | raw-ampersand, unknown-entity, raw-less-than, control-characters | characters that XML wants escaped, or forbids |
 * | prolog | an XML declaration that is malformed or not at the start |
 * | attribute-quotes, duplicate-attribute | values without their quotes, the same attribute twice (the first counts) |
 * | unmatched-tag, unclosed-tag, not-well-formed | tags that do not pair, or another fault of the XML |
 * | several-roots, trailing-text, foreign-wrapper | several messages without a wrapper, text after them, another wrapper |
 * | attribute-name, element-name | misspelt, such as `IsRequestor` |
 * | name-as-attribute | ParticipantObjectName as an attribute |
 * | swapped-code, code-system | parts of a coded value in each other's place, a misspelt coding system |
 * | double-escaped | `&amp;amp;` |
 * | no-user-id, no-requestor-flag, no-audit-source, no-participant | what PS3.15 A.5 requires and the row can do without |
 * | no-zone, time-format | a time without zone (the source's is taken), a time not in ISO 8601 |
 * | no-outcome, period-without-time | FHIR: no outcome (0 is taken, as for an unknown one), a period of days (`recorded` is taken) |
 * | bad-action | an EventActionCode that is none |
 * | sentinel | a value that stands for "unknown", such as `<none>`: kept as unknown |
 */
export type Repair =
  | 'charset-windows-1252'
  | 'charset-utf-16'
  | 'wrong-encoding'
  | 'mangled-bom'
  | 'leading-text'
  | 'relay-escapes'
  | 'truncated'
  | 'raw-ampersand'
  | 'unknown-entity'
  | 'raw-less-than'
  | 'control-characters'
  | 'prolog'
  | 'attribute-quotes'
  | 'duplicate-attribute'
  | 'unmatched-tag'
  | 'unclosed-tag'
  | 'not-well-formed'
  | 'several-roots'
  | 'trailing-text'
  | 'foreign-wrapper'
  | 'attribute-name'
  | 'element-name'
  | 'name-as-attribute'
  | 'swapped-code'
  | 'code-system'
  | 'double-escaped'
  | 'no-user-id'
  | 'no-requestor-flag'
  | 'no-audit-source'
  | 'no-participant'
  | 'no-zone'
  | 'time-format'
  | 'bad-action'
  | 'no-outcome'
  | 'period-without-time'
  | 'sentinel';
