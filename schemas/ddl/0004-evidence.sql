-- Row sums, by which a verification names the row that was altered; and indexes by block, by which it reads a range of blocks.
-- Served: SELECT … WHERE lane, collector, block BETWEEN … ORDER BY block, seq, sub, for every table a header commits to.
ALTER TABLE audit.block ADD COLUMN IF NOT EXISTS sums String CODEC(NONE);
ALTER TABLE audit.event ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE audit.reception ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE audit.quarantine ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.transfer ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.exam_event ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.storage_sample ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.study_volume ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.probe_result ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.feed_minute ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE ops.signal ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
ALTER TABLE vault.identity ADD INDEX IF NOT EXISTS by_block block TYPE minmax GRANULARITY 1;
