/** Shade of a cell, 0 to 5, by its share of the largest value; 0 only for nothing or zero. */
export function level(value: number | null, largest: number): number {
  if (value === null || value <= 0 || largest <= 0) return 0;
  return Math.max(1, Math.min(5, Math.ceil((5 * value) / largest)));
}
