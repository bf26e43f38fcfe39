/** The receiver is not there, or asks to wait: what was not taken may be sent again. */
export class AwayError extends Error {}

/** The receiver took exception to what was sent: sending it again would not help. */
export class RefusedError extends Error {}

/** What a connection's failure says, for one line of a log. */
export const reasonOf = (error: unknown): string => {
  for (let at = error; at instanceof Error; at = at.cause) {
    const [nested] = at instanceof AggregateError ? (at.errors as unknown[]) : [];
    if (nested instanceof Error) return reasonOf(nested);
    if (at.cause === undefined) return at.message;
  }
  return String(error);
};
