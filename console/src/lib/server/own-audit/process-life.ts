import type { AuditMessage } from '@vigie/schemas/audit-message';
import { changedParts, type ConfigDigests } from '@vigie/schemas/config/digests';
import { applicationActivity, configurationChanged } from '@vigie/schemas/own-audit';
import type { OwnAudit } from './own-audit.ts';

/** Pause before what the collector did not take is told again, ms: doubled up to the last. */
const [firstPauseMs, lastPauseMs] = [500, 30_000] as const;
/** How long a stop may wait for its acknowledgement, ms. */
const stopMs = 2000;

/** Where the digests of the vigie.yaml that was last taken in are kept. */
export interface LastConfiguration {
  read(): ConfigDigests | undefined;
  write(digests: ConfigDigests): void;
}

export interface ProcessLife {
  /** Tells the stop; resolves when it is acknowledged, or after two seconds: a collector that is away keeps nobody running. */
  stop(): Promise<void>;
}

/**
 * Tells the start of a process of the console's to the own lane, and what changed in vigie.yaml since the start before. A
 * collector that is away is told later, with the time of the start.
 * @param process name of the process, such as `console`
 * @param failed told why, once for each row of failures
 */
export function tellLife(
  process: string,
  parts: {
    readonly ownAudit: OwnAudit;
    readonly failed: (error: unknown) => void;
    readonly configuration?: { readonly now: ConfigDigests; readonly last: LastConfiguration };
  }
): ProcessLife {
  const startedAt = Date.now();
  const { ownAudit, configuration } = parts;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const told = async () => {
    await ownAudit.record(applicationActivity('start', process, startedAt));
    return configuration && tellConfiguration(process, ownAudit, startedAt, configuration);
  };
  const attempt = (pauseMs: number) => {
    told().catch((error: unknown) => {
      if (pauseMs === firstPauseMs) parts.failed(error);
      if (!stopped) timer = setTimeout(attempt, pauseMs, Math.min(lastPauseMs, pauseMs * 2)).unref();
    });
  };
  attempt(firstPauseMs);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      const message: AuditMessage = applicationActivity('stop', process, Date.now());
      const away = new Promise<void>((resolve) => setTimeout(resolve, stopMs).unref());
      await Promise.race([ownAudit.record(message).then(() => undefined, parts.failed), away]);
    }
  };
}

async function tellConfiguration(
  process: string,
  ownAudit: OwnAudit,
  at: number,
  { now, last }: { readonly now: ConfigDigests; readonly last: LastConfiguration }
): Promise<void> {
  const changed = changedParts(last.read(), now);
  if (changed.length > 0)
    await ownAudit.record(configurationChanged(process, at, { digest: now.file, parts: changed }));
  last.write(now);
}
