-- Search by programs (ITI-81, ITI-82). Served: events recorded within a window; a day of a year lies in few granules, since what
-- is recorded is recorded soon after it was done.
ALTER TABLE audit.event ADD INDEX IF NOT EXISTS by_recorded coalesce(sent_at, occurred_at) TYPE minmax GRANULARITY 1;

ALTER TABLE audit.event MATERIALIZE INDEX by_recorded;
