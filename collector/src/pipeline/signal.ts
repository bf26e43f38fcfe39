/** Something to wait for that may have happened already: a raise between two waits is not lost. */
export class Signal {
  #raised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  /** Resolves at the next raise, or after `ms`. One waiter at a time. */
  async wait(ms: number): Promise<void> {
    if (!this.#raised)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#wake = undefined;
    this.#raised = false;
  }
}
