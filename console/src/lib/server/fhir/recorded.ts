import { FhirFault } from './fault.ts';

/** Waits until the collector has the act on disk. @throws {FhirFault} not-audited: then nothing is shown */
export async function recorded(act: Promise<string>): Promise<void> {
  try {
    await act;
  } catch {
    throw new FhirFault(
      'not-audited',
      'The act cannot be written to the log now, so nothing is shown: try again.',
      {
        headers: { 'retry-after': '5' }
      }
    );
  }
}
