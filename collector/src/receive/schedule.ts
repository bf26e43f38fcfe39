/** Longest wait before the first run, so that a new start shows data soon and a fleet does not start in step. */
const firstWithinMs = 3_000;
/** Each interval is longer or shorter by at most this share. */
const jitter = 0.05;

export interface Schedule {
  /** Tells the running task to stop, and resolves once it has. */
  stop(): Promise<void>;
}

/**
 * Runs a task again and again, never twice at once: a run that takes longer than the interval delays the next.
 * @param task must stop soon when its signal is aborted
 * @param failed told of what a task throws; the schedule goes on
 */
export function repeat(
  everyMs: number,
  task: (signal: AbortSignal) => Promise<void>,
  failed: (error: Error) => void,
  random: () => number = Math.random
): Schedule {
  const controller = new AbortController();
  const { signal } = controller;
  const run = async () => {
    await pause(random() * Math.min(firstWithinMs, everyMs), signal);
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        await task(signal);
      } catch (error) {
        if (!signal.aborted) failed(error instanceof Error ? error : new Error(String(error)));
      }
      const interval = everyMs * (1 + jitter * (2 * random() - 1));
      await pause(interval - (performance.now() - startedAt), signal);
    }
  };
  const running = run();
  return {
    async stop() {
      controller.abort();
      await running;
    }
  };
}

/** Resolves after the time, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener('abort', done, { once: true });
  });
}
