import { mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import { orm, oru } from '../write/hl7.ts';
import * as audits from './audits.ts';
import type { Happening } from './event.ts';
import { examsOf, type Exam } from './exam.ts';
import { isSilent, outagesOf } from './outages.ts';
import { addDays, clock, midnight } from './paris.ts';
import { pools, usedAt } from './storage.ts';
import type { World } from './world.ts';

const minute = 60_000;

/** Why a transfer may fail, and how often. */
const failures = [
  ['timeout', 38],
  ['already-present', 21],
  ['aborted', 12],
  ['refused', 6]
] as const;

/**
 * Everything that happens on one day of Europe/Paris, in order of time. Pure: the same world and day give the same list.
 * @param today the day on which the simulation runs: what is wrong "today" depends on it
 * @param options.probes whether checks are told too; in live mode the collector makes them itself
 */
export function planDay(
  world: World,
  day: string,
  today: string,
  options: { readonly probes: boolean }
): Happening[] {
  const begin = midnight(day);
  const end = midnight(addDays(day, 1));
  const list: Happening[] = [];
  // Reports and copies of yesterday's exams, orders of the coming week's.
  for (let offset = -1; offset <= 6; offset++)
    for (const exam of examsOf(world, addDays(day, offset))) {
      const happenings = offset > 0 ? [orderOf(world, exam)] : happeningsOf(world, exam, today);
      for (const one of happenings) if (one.at >= begin && one.at < end) list.push(one);
    }
  for (const one of [
    ...routine(world, day),
    ...storage(world, day),
    ...(options.probes ? probes(world, day) : [])
  ])
    if (one.at >= begin && one.at < end) list.push(one);
  return list.sort((a, b) => a.at - b.at);
}

const facility = (world: World, site: string) =>
  world.config.sites.find((one) => one.id === site)?.aliases[0] ?? site;

function orderOf(world: World, exam: Exam): Happening {
  return {
    at: exam.orderedAt,
    kind: 'hl7',
    text: orm(exam, 'ordered', exam.orderedAt, facility(world, exam.site))
  };
}

function happeningsOf(world: World, exam: Exam, today: string): Happening[] {
  const place = facility(world, exam.site);
  const random = new Random(world.seed, 'happenings', exam.accession);
  const hl7 = (at: number, text: string): Happening => ({ at, kind: 'hl7', text });
  const list: Happening[] = [
    orderOf(world, exam),
    hl7(exam.scheduledAt, orm(exam, 'scheduled', exam.scheduledAt, place))
  ];
  if (exam.cancelled) return [...list, hl7(exam.startedAt, orm(exam, 'cancelled', exam.startedAt, place))];
  if (isSilent(world.seed, exam.station.id, exam.startedAt, today)) return list;
  list.push(
    hl7(exam.startedAt, orm(exam, 'started', exam.startedAt, place)),
    hl7(exam.endedAt, orm(exam, 'ended', exam.endedAt, place))
  );

  const toPacs = transfer(exam, exam.availableAt, exam.callingAe, 'DEEPUNITY', 'deepunity', random);
  list.push(toPacs.happening);
  if (!toPacs.arrived) return list;
  list.push(
    audits.transferred(exam, exam.availableAt, 'deepunity', exam.callingAe, 'DEEPUNITY', place),
    volume(exam, exam.availableAt, 'deepunity', 'NL-1', 'nearline')
  );
  const toVna = exam.availableAt + Math.round(random.around(8, 0.5) * minute);
  list.push(
    transfer(exam, toVna, 'DEEPUNITY', 'VNA', 'vna', random).happening,
    audits.transferred(exam, toVna, 'vna', 'DEEPUNITY', 'VNA', place),
    volume(exam, toVna, 'vna', 'VNA-1', 'nearline')
  );
  const toPulsy = toVna + Math.round(random.around(55, 0.7) * minute);
  list.push(
    transfer(exam, toPulsy, 'VNA', 'PULSY', 'pulsy', random).happening,
    audits.transferred(exam, toPulsy, 'pulsy', 'VNA', 'PULSY', place),
    volume(exam, toPulsy, 'pulsy', 'PULSY-A', 'archive')
  );
  if ((exam.modality === 'CT' || exam.modality === 'DX') && random.chance(0.35)) {
    const toAi = exam.availableAt + Math.round(random.around(3, 0.4) * minute);
    list.push(
      transfer(exam, toAi, 'DEEPUNITY', 'IA_ORCH', 'deepunity', random).happening,
      audits.transferred(exam, toAi, 'ia', 'DEEPUNITY', 'IA_ORCH', place)
    );
  }

  if (random.chance(0.3))
    list.push(audits.accessed(exam, exam.availableAt + 2 * minute, 'deepunity', exam.technologist, place));
  list.push(
    audits.searched(exam, exam.openedAt - 20_000, 'viewer', exam.reader, place),
    audits.accessed(exam, exam.openedAt, 'viewer', exam.reader, place)
  );
  const reading = facility(world, exam.reader.site);
  if (exam.draftedAt !== undefined)
    list.push(hl7(exam.draftedAt, oru(exam, 'P', exam.draftedAt, place, reading)));
  list.push(hl7(exam.signedAt, oru(exam, 'F', exam.signedAt, place, reading)));
  if (random.chance(0.6)) {
    const at =
      exam.availableAt + Math.round(random.around(exam.patientClass === 'E' ? 20 : 200, 0.8) * minute);
    list.push(
      audits.accessed(exam, at, 'viewer', exam.prescriber, place, {
        emergency: exam.patientClass === 'E' && random.chance(0.03)
      })
    );
  }
  if (random.chance(0.16))
    list.push(audits.portalAccess(exam, exam.signedAt + Math.round(random.around(420, 0.8) * minute), place));
  if (random.chance(0.015))
    list.push(
      audits.exported(exam, exam.signedAt + 25 * minute, world.person(exam.site, 'secrétaire', random), place)
    );
  if (random.chance(0.004))
    list.push(audits.deleted(exam, exam.availableAt + 90 * minute, exam.technologist, place));
  // Someone of another trade opens the images without a part in the care: what an audit is there to find.
  if (random.chance(0.004)) {
    const who = world.person(exam.site, 'secrétaire', random);
    const at = exam.availableAt + random.whole(60, 400) * minute;
    list.push(
      audits.searched(exam, at - 21_000, 'viewer', who, place),
      audits.accessed(exam, at, 'viewer', who, place)
    );
  }
  return list;
}

function transfer(
  exam: Exam,
  at: number,
  calling: string,
  called: string,
  observer: string,
  random: Random
): { happening: Happening; arrived: boolean } {
  const failed = random.chance(0.012);
  const reason = failed ? random.weighted(failures) : undefined;
  const status = {
    timeout: 'failure',
    'already-present': 'warning',
    aborted: 'aborted',
    refused: 'rejected',
    none: 'success'
  }[reason ?? 'none'];
  const moved = status === 'success' || status === 'warning';
  const images = moved ? exam.images : 0;
  return {
    arrived: moved || called !== 'DEEPUNITY',
    happening: {
      at,
      kind: 'json',
      feed: 'transfers',
      record: {
        occurred_at: new Date(at).toISOString(),
        observer,
        service: 'C-STORE',
        calling_ae: calling,
        called_ae: called,
        modality: exam.modality,
        sop_class: mixes[exam.modality]?.sopClass,
        study: exam.study,
        instances: images,
        failures: moved ? 0 : exam.images,
        bytes: moved ? exam.bytes : 0,
        duration_ms: Math.round(exam.bytes / random.around(38_000, 0.3)),
        status,
        site: exam.site,
        ...(reason && { reason })
      }
    }
  };
}

function volume(exam: Exam, at: number, system: string, pool: string, tier: string): Happening {
  return {
    at,
    kind: 'json',
    feed: 'volumes',
    record: {
      occurred_at: new Date(at).toISOString(),
      system,
      pool,
      tier,
      site: exam.site,
      study: exam.study,
      modality: exam.modality,
      bytes: exam.bytes,
      instances: exam.images,
      reason: 'stored'
    }
  };
}

/** Sign-ins, a few wrong passwords, a node that is refused. */
function routine(world: World, day: string): Happening[] {
  const random = new Random(world.seed, 'routine', day);
  return world.config.sites.flatMap((site) => {
    if (!world.isLive(site.id, day)) return [];
    const place = facility(world, site.id);
    const signIns = world.everyone(site.id).flatMap((who): Happening[] => {
      if (!random.chance(0.45)) return [];
      const at = clock(day, random.whole(7 * 60, 14 * 60)) + random.whole(0, 59_000);
      const failed: Happening[] = random.chance(0.05)
        ? [audits.authentication(who, at - 15_000, 'failed', place)]
        : [];
      return [
        ...failed,
        audits.authentication(who, at, 'in', place),
        audits.authentication(who, at + random.whole(180, 500) * minute, 'out', place)
      ];
    });
    return random.chance(0.3)
      ? [
          ...signIns,
          audits.nodeRefused(clock(day, random.whole(0, 1430)), `POSTE${random.whole(10, 99)}`, place)
        ]
      : signIns;
  });
}

/** Every hour, how full the pools are. In live mode the collector asks the exporters itself; the values are the same. */
function storage(world: World, day: string): Happening[] {
  return pools.flatMap((pool) =>
    Array.from({ length: 4 }, (_, i): Happening => {
      const at = clock(day, i * 360 + 7);
      const record = {
        occurred_at: new Date(at).toISOString(),
        system: pool.system,
        pool: pool.pool,
        tier: pool.tier,
        capacity_bytes: pool.capacity,
        used_bytes: usedAt(world, pool, at)
      };
      return { at, kind: 'json', feed: 'storage', record };
    })
  );
}

/** Checks of a day that has passed, every five minutes, as another monitor would have made them. */
function probes(world: World, day: string): Happening[] {
  const outages = [...outagesOf(world.seed, addDays(day, -1)), ...outagesOf(world.seed, day)];
  return world.config.probes.flatMap((probe) => {
    const random = new Random(world.seed, 'probe', day, probe.id);
    return Array.from({ length: 300 }, (_, i): Happening => {
      const at = midnight(day) + i * 5 * minute + random.whole(0, 40_000);
      const trouble = outages.find((one) => one.system === probe.system && one.from <= at && at < one.to);
      const down = trouble?.kind === 'down';
      const latency = Math.round(
        random.around(probe.kind === 'c-echo' ? 12 : 45, 0.4) * (trouble?.kind === 'slow' ? 40 : 1)
      );
      const record = {
        occurred_at: new Date(at).toISOString(),
        probe: probe.id,
        system: probe.system,
        kind: probe.kind,
        success: !down,
        ...(down ? { detail: 'refused' } : { latency_ms: latency, detail: 'ok' })
      };
      return { at, kind: 'json', feed: 'probes', record };
    });
  });
}

/** Sign of life, day and night: one search between VNA and PACS each twenty seconds, told by both. */
export function pulse(from: number, to: number): Happening[] {
  const step = 20_000;
  const list: Happening[] = [];
  for (let at = Math.ceil(from / step) * step; at < to; at += step) {
    list.push(audits.technicalQuery(at));
    list.push({
      at,
      kind: 'json',
      feed: 'transfers',
      record: {
        occurred_at: new Date(at).toISOString(),
        observer: 'deepunity',
        service: 'C-FIND',
        calling_ae: 'VNA',
        called_ae: 'DEEPUNITY',
        duration_ms: 8 + ((at / step) % 30),
        status: 'success'
      }
    });
  }
  return list;
}
