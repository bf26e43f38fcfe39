/**
 * Whether LMDB could not write a transaction: the disk is full, or broken. Nothing of the transaction is there, and the next one
 * may succeed.
 */
export function isCommitFailure(error: unknown): boolean {
  if (!(error instanceof Error) || !('commitError' in error)) return false;
  // lmdb rejects this promise as well; unhandled it would end the process.
  Promise.resolve(error.commitError).catch(() => undefined);
  return true;
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
