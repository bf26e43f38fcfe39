import { z } from 'zod';
import { define } from './define.ts';

/** Months (`2026-10`) in which exams ended, the newest first. */
export const reportMonths = define({
  name: 'reports.months',
  sql: `SELECT DISTINCT formatDateTime(day, '%Y-%m') AS month FROM ops.exam_daily
    WHERE milestone = 'ended' AND has({scope:Array(String)}, establishment)
      AND day >= toDate({from:DateTime64(3)}) AND day <= toDate({to:DateTime64(3)}) ORDER BY month DESC LIMIT 60`,
  row: z.object({ month: z.string() })
});
