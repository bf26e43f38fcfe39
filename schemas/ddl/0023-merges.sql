-- What merging costs. A message's facts are merged column by column (vertical) from 16,384 rows on: row by row, 45 columns with
-- their lists and dictionaries take four times as much. What is narrow takes less row by row, up to half a million rows: beyond,
-- buffers of all columns of all parts at once take more memory than they save work. Eight parts of like size are merged at once
-- and not five, so that a row is merged fewer times; a month that is over still comes to rest in one part (0014). Parts of one
-- insert stay compact: in wide ones, each column has files to sync.
ALTER TABLE audit.event MODIFY SETTING min_bytes_for_wide_part = 20971520, vertical_merge_algorithm_min_rows_to_activate = 16384, min_parts_to_merge_at_once = 8;

ALTER TABLE audit.event_by_patient MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;

ALTER TABLE audit.event_by_actor MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;

ALTER TABLE audit.event_by_study MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 524288, min_parts_to_merge_at_once = 8;
