/** Units of a stored gauge: a number of things, bytes, milliseconds, or thousandths of a whole. */
export const gaugeUnits = ['count', 'bytes', 'ms', 'permille'] as const;
export type GaugeUnit = (typeof gaugeUnits)[number];
