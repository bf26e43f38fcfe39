import type { Pull } from '@vigie/schemas';
import { startOrthancPull } from './orthanc.ts';
import { startPrometheusPull } from './prometheus.ts';
import type { PullDependencies } from './pull.ts';
import type { Schedule } from './schedule.ts';

/** Starts every pull of vigie.yaml, each on its own schedule. */
export function startPulls(pulls: readonly Pull[], dependencies: PullDependencies): Schedule {
  const schedules = pulls.map((pull) =>
    pull.kind === 'orthanc' ? startOrthancPull(pull, dependencies) : startPrometheusPull(pull, dependencies)
  );
  return {
    async stop() {
      await Promise.all(schedules.map((schedule) => schedule.stop()));
    }
  };
}
