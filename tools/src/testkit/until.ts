/** Asks again and again until the answer is the one wanted; fails with the last answer when it takes longer than `withinMs`. */
export async function until<T>(
  ask: () => Promise<T>,
  wanted: (answer: T) => boolean,
  withinMs = 60_000
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (Date.now() > end)
      throw new Error(
        `not reached within ${withinMs} ms: ${JSON.stringify(answer, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
