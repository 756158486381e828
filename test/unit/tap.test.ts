import assert from 'node:assert/strict';
import { Tap } from '#src/tap.js';

interface Fixture {
  tap: Tap<number>;
  give: (value: number) => void;
  connected: () => boolean;
}

function makeTap(limit = 2): Fixture {
  let callback: ((item: number) => void) | null = null;
  const tap = new Tap<number>((next) => (callback = next), limit);
  return { tap, give: (value) => callback?.(value), connected: () => callback !== null };
}

describe('Tap', () => {
  it('connects while somebody reads', async () => {
    const { tap, give, connected } = makeTap();
    assert.equal(connected(), false);
    const reader = tap.iterate();
    assert.equal(connected(), true);
    give(1);
    assert.deepEqual(await reader.next(), { done: false, value: 1 });
    await reader.return?.();
    assert.equal(connected(), false);
  });

  it('drops the oldest for a slow reader only', async () => {
    const { tap, give } = makeTap(2);
    const slow = tap.iterate();
    const fast = tap.iterate();
    const seen: number[] = [];
    for (const value of [1, 2, 3]) {
      give(value);
      seen.push((await fast.next()).value as number);
    }
    assert.deepEqual(seen, [1, 2, 3]);
    assert.equal((await slow.next()).value, 2);
    assert.equal(tap.dropped, 1);
  });

  it('ends readers that wait, after what is queued', async () => {
    const { tap, give } = makeTap();
    const reader = tap.iterate();
    give(7);
    tap.end();
    assert.equal((await reader.next()).value, 7);
    assert.equal((await reader.next()).done, true);
    const waiting = makeTap();
    const next = waiting.tap.iterate().next();
    waiting.tap.end();
    assert.equal((await next).done, true);
    assert.equal((await waiting.tap.iterate().next()).done, true);
  });

  it('ends with a signal', async () => {
    const { tap, connected } = makeTap();
    const controller = new AbortController();
    const next = tap.iterate(controller.signal).next();
    controller.abort();
    assert.equal((await next).done, true);
    assert.equal(connected(), false);
    assert.equal((await tap.iterate(AbortSignal.abort()).next()).done, true);
  });
});
