import type { Speaker } from '../group/platform.ts';
import { mixes } from '../group/mix.ts';
import { Random } from '../random.ts';
import { orm, oru, type OrderStep, type ReportStep } from '../write/hl7.ts';
import { arrival, attempts, type Attempt } from './attempts.ts';
import type { Scene } from './audit-parts.ts';
import * as audits from './audits.ts';
import { copiesOf } from './copies.ts';
import type { Tell } from './event.ts';
import type { Exam } from './exam.ts';
import { isSilent } from './health.ts';
import { oldStudy } from './old-study.ts';
import { tellSensed } from './sensed.ts';
import { json } from './storage.ts';
import { tellMilestones, tellSteps } from './steps.ts';
import { tellElsewhere, tellVisit } from './visit.ts';
import { tellOpening } from './web.ts';
import type { World } from './world.ts';

const minute = 60_000;
const copyFails = 0.008;

/** Longest time from the report to the last look that is told. */
const followed = 3 * 86_400_000;

/** After this moment nothing more is told of an exam. */
export const lastLook = (exam: Exam): number => (exam.reading?.signedAt ?? exam.endedAt) + followed;

/** Tells an exam from its order to the last look at its images, each step after its cause. */
export function tellExam(world: World, exam: Exam, today: string, tell: Tell): void {
  const { platform } = world;
  const scene: Scene = { facility: exam.place.facility, authority: platform.patientAuthority };
  const sender = { application: platform.hl7Application, authority: platform.patientAuthority };
  const random = new Random(world.seed, 'story', exam.accession);
  const step = (what: OrderStep, at: number) => {
    const sentAt = world.whenUp(platform.ris.system, at);
    tell(sentAt, () => ({ at: sentAt, kind: 'hl7', text: orm(exam, what, sentAt, sender) }));
  };
  const by = (at: number, make: (at: number) => ReturnType<typeof audits.started>) =>
    tell(at, () => make(at));

  step('ordered', exam.orderedAt);
  by(exam.orderedAt, (at) =>
    audits.recorded('order', 'C', exam.patient, at, platform.ris, exam.prescriber, scene)
  );
  tellVisit(world, exam, sender, tell);
  const planned = exam.patientClass === 'O';
  if (!planned) step('scheduled', exam.scheduledAt);
  if (exam.cancelled) return planned ? undefined : step('cancelled', exam.startedAt);
  tellElsewhere(world, exam, sender, tell);
  if (random.chance(0.85))
    by(exam.appointment.arrivedAt, (at) =>
      audits.recorded('patient', 'R', exam.patient, at, platform.ris, exam.secretary, scene)
    );
  if (isSilent(world, exam.room.id, exam.startedAt, today)) return;
  step('started', exam.startedAt);
  step('ended', exam.endedAt);
  tellSteps(world, exam, tell);

  tellTransfer(
    world,
    exam,
    exam.toPacs,
    { from: exam.callingAe, to: platform.pacs, observer: platform.pacs },
    tell
  );
  if (exam.reading === undefined) return;
  const { availableAt, openedAt, draftedAt, signedAt } = exam.reading;
  const host = `${exam.room.id}.${scene.facility.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`;
  by(availableAt, (at) => audits.transferred(exam, at, platform.pacs, exam.callingAe, host, scene));
  tellVolume(world, exam, availableAt, platform.pacs, tell);
  tellCopies(world, exam, availableAt, scene, random, tell);

  if (random.chance(0.3))
    by(availableAt + 2 * minute, (at) => audits.accessed(exam, at, platform.pacs, exam.technologist, scene));
  const { viewer } = platform;
  by(Math.max(availableAt, openedAt - 20_000), (at) =>
    audits.searched(exam.patient, at, viewer, exam.reader, scene)
  );
  by(openedAt, (at) => audits.accessed(exam, at, viewer, exam.reader, scene));
  const web = new Random(world.seed, 'web', exam.accession);
  tellOpening(world, exam, openedAt, exam.reader.workstation, today, web, tell);
  if (random.chance(0.5)) {
    const prior = oldStudy(exam, random);
    by(openedAt + 90_000, (at) => audits.accessed(prior, at, viewer, exam.reader, scene));
    tellOpening(world, prior, openedAt + 90_000, exam.reader.workstation, today, web, tell);
  }
  const partner = exam.elsewhere?.refusal === '' ? exam.elsewhere.partner : undefined;
  const reading = partner ? (partner.aliases[0] ?? partner.name) : world.place(exam.reader.site).facility;
  const report = (status: ReportStep, at: number) =>
    tell(at, () => ({ at, kind: 'hl7', text: oru(exam, status, at, reading, sender) }));
  if (draftedAt !== undefined) report('P', draftedAt);
  report('F', signedAt);
  tellMilestones(world, exam, exam.reading, tell);
  const { addition } = exam.reading;
  if (addition) report(addition.status === 'addendum' ? 'A' : 'C', addition.at);
  tellLooks(world, exam, { availableAt, signedAt }, today, scene, random, tell);
}

/** Copies to the VNA, from there to the archive, and to the AI orchestrator; and what is deleted again. */
function tellCopies(
  world: World,
  exam: Exam,
  availableAt: number,
  scene: Scene,
  random: Random,
  tell: Tell
): void {
  const { pacs, vna, archive, ai } = world.platform;
  const { toVna, toArchive, deleted } = copiesOf(world, exam);
  const copy = (from: Speaker, to: Speaker, tries: readonly Attempt[], observer: Speaker): void => {
    const [first] = tries;
    if (first === undefined) return;
    tell(first.at, () => audits.begins(exam, first.at, from, to, scene));
    tellTransfer(world, exam, tries, { from: from.ae, to, observer }, tell);
    const arrivedAt = arrival(tries);
    if (arrivedAt === undefined) return;
    tell(arrivedAt, () => audits.transferred(exam, arrivedAt, to, from.ae, from.host, scene));
    if (to !== ai) tellVolume(world, exam, arrivedAt, to, tell);
  };
  const analysed = random.chance(0.35) && (exam.modality === 'CT' || exam.modality === 'DX');
  if (ai && analysed) {
    const sentAt = availableAt + Math.round(random.around(3, 0.4) * minute);
    const options = { chance: copyFails, archive: false, strange: false };
    const tries = attempts(world, ai.system, sentAt, random, options);
    copy(pacs, ai, tries, pacs);
    const received = arrival(tries);
    if (received !== undefined) tellResult(world, exam, received, ai, tell);
  }
  if (vna) copy(pacs, vna, toVna, vna);
  if (archive) copy(vna ?? pacs, archive, toArchive, archive);
  for (const [system, at, arrivedAt] of [
    [pacs, deleted.pacs, availableAt],
    [vna, deleted.vna, arrival(toVna)],
    [archive, deleted.archive, arrival(toArchive)]
  ] as const) {
    if (!system || at === undefined || arrivedAt === undefined || arrivedAt > at) continue;
    tell(at, () => audits.deleted(exam, at, system, exam.technologist, scene));
    tellVolume(world, exam, at, system, tell, 'deleted');
  }
}

/** What an algorithm found goes back to the PACS as a structured report (DICOM SR), which sees it come. */
function tellResult(world: World, exam: Exam, receivedAt: number, ai: Speaker, tell: Tell): void {
  const { pacs } = world.platform;
  const random = new Random(world.seed, 'result', exam.accession);
  const at = receivedAt + Math.round(random.around(95, 0.4) * 1000);
  const stored = !random.chance(0.01);
  tell(at, () => ({
    at,
    kind: 'otlp',
    point: {
      startTimeUnixNano: `${receivedAt}000000`,
      timeUnixNano: `${at}000000`,
      count: '1',
      sum: (at - receivedAt) / 1000,
      attributes: [
        {
          key: 'ai.algorithm',
          value: { stringValue: exam.modality === 'CT' ? 'thorax-nodules' : 'fracture' }
        },
        { key: 'modality', value: { stringValue: exam.modality } },
        { key: 'site', value: { stringValue: exam.place.site.id } }
      ]
    }
  }));
  tell(at, () =>
    json('transfers', at, {
      observer: pacs.system,
      service: 'C-STORE',
      calling_ae: ai.ae,
      called_ae: pacs.ae,
      modality: 'SR',
      sop_class: '1.2.840.10008.5.1.4.1.1.88.33',
      study: exam.study,
      instances: stored ? 1 : 0,
      failures: stored ? 0 : 1,
      bytes: stored ? 38_000 : 0,
      duration_ms: 140,
      status: stored ? 'success' : 'failure',
      site: exam.place.site.id
    })
  );
}

/** Who looks at the images once they are there, beside the reader. */
function tellLooks(
  world: World,
  exam: Exam,
  { availableAt, signedAt }: { readonly availableAt: number; readonly signedAt: number },
  today: string,
  scene: Scene,
  random: Random,
  tell: Tell
): void {
  const { pacs, viewer, portal, ris } = world.platform;
  const urgent = exam.patientClass === 'E';
  const delay = Math.min(followed / 2, Math.round(random.around(urgent ? 20 : 200, 0.8) * minute));
  const looksAt = world.whenUp(viewer.system, availableAt + delay + 40_000);
  const emergency = random.chance(0.03) && urgent;
  if (random.chance(0.6)) {
    if (emergency)
      tell(looksAt - 30_000, () =>
        audits.emergencyStarted(exam.patient, looksAt - 30_000, viewer, exam.prescriber, scene)
      );
    tell(looksAt - 20_000, () =>
      audits.searched(exam.patient, looksAt - 20_000, viewer, exam.prescriber, scene)
    );
    tell(looksAt, () => audits.accessed(exam, looksAt, viewer, exam.prescriber, scene, { emergency }));
    const web = new Random(world.seed, 'web-look', exam.accession);
    tellOpening(world, exam, looksAt, exam.prescriber.workstation, today, web, tell);
  }
  const sentAt = signedAt + Math.min(followed, Math.round(random.around(35, 0.8) * minute));
  if (random.chance(0.5))
    tell(sentAt, () => audits.recorded('patient', 'R', exam.patient, sentAt, ris, exam.secretary, scene));
  const homeAfter = Math.round(random.around(420, 0.8) * minute);
  if (random.chance(0.16) && portal) {
    const seenAt = world.whenUp(portal.system, signedAt + Math.min(followed / 2, homeAfter));
    tell(seenAt, () => audits.portalAccess(exam, seenAt, portal, scene));
  }
  const burntAt = signedAt + 25 * minute;
  if (random.chance(0.015)) tell(burntAt, () => audits.exported(exam, burntAt, pacs, exam.secretary, scene));
}

/** Every try to send a study, told by one observer. */
function tellTransfer(
  world: World,
  exam: Exam,
  tries: readonly Attempt[],
  { from, to, observer }: { readonly from: string; readonly to: Speaker; readonly observer: Speaker },
  tell: Tell
): void {
  const random = new Random(world.seed, 'transfer', exam.accession, from, to.ae);
  for (const { at, status, reason, code } of tries) {
    const moved = status === 'success' || status === 'warning';
    const part = status === 'aborted' ? random.next() : 0;
    const images = moved ? exam.images : Math.floor(exam.images * part);
    const bytes = moved ? exam.bytes : Math.round((exam.bytes * images) / exam.images);
    const rate = random.around(38_000, 0.3);
    const durationMs = reason === 'no-response' ? 30_000 : Math.round(20 + bytes / rate);
    if (to === world.platform.pacs)
      tellSensed(world, exam, { at, status, reason, code }, { images, bytes, durationMs }, to, tell);
    tell(at, () =>
      json('transfers', at, {
        observer: observer.system,
        service: 'C-STORE',
        calling_ae: from,
        called_ae: to.ae,
        modality: exam.modality,
        sop_class: mixes[exam.modality]?.sopClass,
        study: exam.study,
        instances: images,
        failures: exam.images - images,
        bytes,
        duration_ms: durationMs,
        status,
        site: exam.place.site.id,
        ...(reason !== undefined && { reason }),
        ...(code !== undefined && { status_code: code })
      })
    );
  }
}

/** The change of a study's volume in each pool of a system. */
function tellVolume(
  world: World,
  exam: Exam,
  at: number,
  { system }: Speaker,
  tell: Tell,
  reason: 'stored' | 'deleted' = 'stored'
): void {
  const sign = reason === 'stored' ? 1 : -1;
  for (const { pool, tier } of world.pools.filter((one) => one.system === system))
    tell(at, () =>
      json('volumes', at, {
        system,
        pool,
        tier,
        site: exam.place.site.id,
        study: exam.study,
        modality: exam.modality,
        bytes: sign * exam.bytes,
        instances: sign * exam.images,
        reason
      })
    );
}
