-- How each source speaks, per block: the form of its syslog header, how it codes values, and the runs of its own numbers
-- (RFC 5424 §7.3.1, meta sequenceId). Served: the dialect and the sequence gaps of one source over a period.
CREATE TABLE IF NOT EXISTS ops.feed_trait (
  lane LowCardinality(String), collector LowCardinality(String), block UInt64,
  source LowCardinality(String), site LowCardinality(String), establishment LowCardinality(String),
  trait LowCardinality(String),
  value LowCardinality(String),
  run UInt32,
  from_at DateTime64(3, 'UTC'),
  to_at DateTime64(3, 'UTC'),
  messages UInt64,
  first UInt64,
  last UInt64,
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(from_at))
ORDER BY (source, trait, from_at, collector, block, run)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;
