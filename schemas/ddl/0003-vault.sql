-- vault: what the collector writes and cannot read back. Ciphertext only.
CREATE DATABASE IF NOT EXISTS vault;

-- pseudonym → identity, encrypted under a data key wrapped to the vault's public key (AES-256-GCM; see docs/guarantees.md).
CREATE TABLE IF NOT EXISTS vault.identity (
  pseudonym FixedString(16),
  kind LowCardinality(String),
  epoch LowCardinality(String),
  establishment LowCardinality(String),
  lane LowCardinality(String), collector LowCardinality(String), block UInt64, seq UInt64,
  received_at DateTime64(3, 'UTC'),
  wrapped_key String,
  sealed String,
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(received_at))
ORDER BY (pseudonym, received_at, collector, seq)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;

-- The raw bytes of one block: zstd, then AES-256-GCM. One message is found by (block, seq - block).
CREATE TABLE IF NOT EXISTS vault.raw_block (
  lane LowCardinality(String),
  collector LowCardinality(String),
  block UInt64,
  records UInt32,
  sealed_at DateTime64(3, 'UTC'),
  raw_bytes UInt64,
  wrapped_key String,
  object String CODEC(NONE),
  hash FixedString(32),
  retention LowCardinality(String)
) ENGINE = MergeTree
PARTITION BY (lane, retention, toYYYYMM(sealed_at))
ORDER BY (collector, lane, block)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 10485760;
