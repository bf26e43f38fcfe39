/** Columns that every table of facts begins with, in DDL order: where a row lies, when it came, whose it is, what read it. */
export const factHead = {
  lane: 'LowCardinality(String)',
  collector: 'LowCardinality(String)',
  seq: 'UInt64',
  sub: 'UInt16',
  block: 'UInt64',
  received_at: "DateTime64(3, 'UTC')",
  source: 'LowCardinality(String)',
  site: 'LowCardinality(String)',
  establishment: 'LowCardinality(String)',
  decoder: 'LowCardinality(String)',
  retention: 'LowCardinality(String)'
} as const;
