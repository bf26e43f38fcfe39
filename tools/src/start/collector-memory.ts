/**
 * glibc's malloc for the collector. Its buffers are made on one thread and freed on another: two arenas, so that what is freed is
 * found again. A block's buffers go back to the system as they are freed (1 MiB and more); a socket's chunks of 64 KiB do not, since
 * mapping and clearing each anew cost a tenth of all processor time.
 */
export const collectorMemory = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '16777216'
} as const;
