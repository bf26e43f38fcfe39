import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

const stay = new AbortController().signal;
const pending = () => Promise.withResolvers<void>();

test('who comes first is served first, and never more at once than there are resources', async () => {
  const gate = new Gate(['a', 'b'], 10, 1000);
  const ends = Array.from({ length: 5 }, pending);
  const served: string[] = [];
  const all = ends.map(({ promise }, i) =>
    gate.with(stay, async (resource) => {
      served.push(`${resource}${i}`);
      await promise;
    })
  );
  await Promise.resolve();
  expect(served).toEqual(['b0', 'a1']);
  for (const { resolve } of ends) resolve();
  await Promise.all(all);
  expect(served.map((one) => one.slice(1))).toEqual(['0', '1', '2', '3', '4']);
});

test('a full queue and a long wait are refused with code 202', async () => {
  const gate = new Gate(['a'], 1, 5);
  const { promise, resolve } = pending();
  const first = gate.with(stay, () => promise);
  const waiting = gate.with(stay, () => Promise.resolve());
  await expect(gate.with(stay, () => Promise.resolve())).rejects.toMatchObject({ code: 202 });
  await expect(waiting).rejects.toMatchObject({ code: 202 });
  resolve();
  await first;
  await expect(gate.with(stay, () => Promise.resolve('served'))).resolves.toBe('served');
});

test('who leaves gives up its place, and the resource is not lost', async () => {
  const gate = new Gate(['a'], 10, 1000);
  const { promise, resolve } = pending();
  const first = gate.with(stay, () => promise);
  const leaver = new AbortController();
  const left = gate.with(leaver.signal, () => Promise.resolve());
  const next = gate.with(stay, () => Promise.resolve('served'));
  leaver.abort();
  await expect(left).rejects.toMatchObject({ code: 210 });
  resolve();
  await first;
  await expect(next).resolves.toBe('served');
  await expect(gate.with(stay, () => Promise.reject(new Error('told')))).rejects.toThrow('told');
  await expect(gate.with(stay, () => Promise.resolve('again'))).resolves.toBe('again');
});

test('closing refuses who waits', async () => {
  const gate = new Gate(['a'], 10, 1000);
  const { promise, resolve } = pending();
  const first = gate.with(stay, () => promise);
  const waiting = gate.with(stay, () => Promise.resolve());
  gate.close();
  await expect(waiting).rejects.toMatchObject({ code: 236 });
  resolve();
  await first;
});
