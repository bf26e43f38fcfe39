import { expect, test } from 'vitest';
import { z } from 'zod';
import { define } from './define.ts';

const row = z.object({ events: z.number() });
const bounded =
  'SELECT count() AS events FROM audit.event WHERE establishment IN {scope:Array(String)} AND occurred_at >= {from:DateTime64(3)} AND occurred_at < {to:DateTime64(3)}';

test('a question that binds a scope and a window can be asked', () => {
  expect(define({ name: 'test.bounded', sql: bounded, row }).name).toBe('test.bounded');
});

test.each(['{scope:Array(String)}', '{from:DateTime64(3)}', '{to:DateTime64(3)}'])(
  'a question that does not bind %s cannot even be declared',
  (needed) => {
    expect(() => define({ name: 'test.open', sql: bounded.replace(needed, "['x']"), row })).toThrow(
      `"test.open" must bind ${needed}`
    );
  }
);
