/**
 * Whether LMDB could not write a transaction: the disk is full, or broken. Nothing of the transaction is there, and the next one
 * may succeed. lmdb marks what it rejects so with the reason, and the reason itself by LMDB's own number.
 */
export function isCommitFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DOMException) return false;
  return 'commitError' in error || ('code' in error && typeof error.code === 'number');
}

/**
 * Keeps a failed commit from ending this thread: lmdb rejects promises of its own beside those it gave out, and nobody can reach
 * them. Whoever asked for the write is told; any other rejection that nobody handles ends the thread as ever.
 */
export function outliveCommitFailures(): void {
  process.on('unhandledRejection', (reason) => {
    if (!isCommitFailure(reason)) throw reason;
  });
}
