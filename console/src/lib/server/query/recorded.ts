/** When an event was recorded: the syslog TIMESTAMP or the resource's own `recorded`, else the time of the act. */
export const recordedSql = 'coalesce(sent_at, occurred_at)';

/** Whether it was within the window that every question binds. In ms: the index of `recordedSql` serves numbers, not bare times. */
export const recordedWithin = `toUnixTimestamp64Milli(${recordedSql}) >= toUnixTimestamp64Milli({from:DateTime64(3)})
  AND toUnixTimestamp64Milli(${recordedSql}) < toUnixTimestamp64Milli({to:DateTime64(3)})`;
