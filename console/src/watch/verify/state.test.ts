import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateFile } from './state.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigie-state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const told: unknown[] = [];
const tell = (error: unknown) => told.push(error);
beforeEach(() => void told.splice(0));

test('what one watch came to know, the next one reads', () => {
  const file = join(folder, 'watch', 'evidence.json');
  new StateFile(file, tell).change((state) => ({ ...state, oldUntil: 5 }));
  expect(new StateFile(file, tell).get()).toEqual({ version: 1, suspects: [], oldUntil: 5 });
  expect(told).toEqual([]);
});

test('a state that cannot be written is told, and known until the watch ends', () => {
  writeFileSync(join(folder, 'watch'), 'a file where the folder should be');
  const state = new StateFile(join(folder, 'watch', 'evidence.json'), tell);
  state.change((known) => ({ ...known, oldUntil: 5 }));
  expect(told).toHaveLength(1);
  expect(state.get().oldUntil).toBe(5);
});
