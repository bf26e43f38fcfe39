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

/**
 * A small young generation for the receivers' thread, MB: it makes few objects, and each holds a chunk of 64 KiB of a socket. Looked
 * through often, they are freed at once; with V8's own 16 MB they pile up until a collection of the whole heap (100 MB more, same work).
 * The seal worker has its own (collector/src/pipeline/pipeline.ts).
 */
export const collectorFlags = ['--max-semi-space-size=2'] as const;
