import { intakeOf, Readiness, type Intake } from '#lib/intake.ts';

/** A page does not ask again within this time, ms. */
const keptMs = 5000;
/** A collector that does not answer must not hold up a page for longer, ms. */
const timeoutMs = 1000;

/** Asks the collector whether what comes in is taken and stored; all pages of a few seconds share an answer. */
export function watchIntake(collectorUrl: string): () => Promise<Intake> {
  let last: { readonly at: number; readonly answer: Promise<Intake> } | undefined;
  return () => {
    const now = Date.now();
    if (!last || now - last.at > keptMs) last = { at: now, answer: ask(collectorUrl, now) };
    return last.answer;
  };
}

async function ask(collectorUrl: string, now: number): Promise<Intake> {
  try {
    const response = await fetch(`${collectorUrl}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
    return intakeOf(Readiness.parse(await response.json()), now);
  } catch {
    return { state: 'unreachable' };
  }
}
