import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readKeyRing } from '@vigie/evidence/key-ring';
import { sentence } from '@vigie/evidence/verify/finding';
import { verifyEvidence } from '@vigie/evidence/verify/verify';
import type { TestEngine } from '../testkit/engine.ts';

/**
 * Verifies the whole chain with the vault's key, every message opened.
 * @returns the blocks of all lanes
 * @throws with the first findings
 */
export async function verifyChain(engine: TestEngine): Promise<number> {
  const keys = join(engine.dataFolder, 'keys');
  const report = await verifyEvidence({
    store: engine.readerAddress,
    ring: readKeyRing(keys),
    vaultKey: readFileSync(join(keys, 'vault.key'), 'utf8'),
    jobs: availableParallelism(),
    signal: new AbortController().signal
  });
  if (!report.good)
    throw new Error(
      `the chain has ${report.found} faults: ${report.findings.slice(0, 5).map(sentence).join('; ')}`
    );
  return report.chains.reduce((sum, { blocks }) => sum + blocks, 0);
}
