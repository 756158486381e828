import assert from 'node:assert/strict';
import { Emitter } from '#src/emitter.js';

type Events = { data: [number]; error: [Error] };

class Source extends Emitter<Events> {
  send<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    this.emit(name, ...args);
  }
  end(): void {
    this.silence();
  }
}

/** Runs `action` with the given process event collected instead of delivered. */
async function collect(event: 'uncaughtException' | 'warning', action: () => void): Promise<unknown[]> {
  const others = process.listeners(event as 'uncaughtException');
  process.removeAllListeners(event);
  const seen: unknown[] = [];
  process.on(event, (error: unknown) => seen.push(error));
  action();
  await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners(event);
  for (const other of others) process.on(event as 'uncaughtException', other);
  return seen;
}

describe('Emitter', () => {
  it('delivers to all listeners, and once() one time', () => {
    const source = new Source();
    const seen: string[] = [];
    source
      .on('data', (value) => seen.push(`on ${value}`))
      .once('data', (value) => seen.push(`once ${value}`));
    source.send('data', 1);
    source.send('data', 2);
    assert.deepEqual(seen, ['on 1', 'once 1', 'on 2']);
  });

  it('goes on when a listener throws, and the error is not lost', async () => {
    const source = new Source();
    const seen: number[] = [];
    source.on('data', () => {
      throw new Error('listener');
    });
    source.on('data', (value) => seen.push(value));
    const uncaught = await collect('uncaughtException', () => source.send('data', 1));
    assert.deepEqual(seen, [1]);
    assert.deepEqual(
      uncaught.map((error) => (error as Error).message),
      ['listener'],
    );
  });

  it('warns of an error that nobody listens to', async () => {
    const source = new Source();
    const warnings = await collect('warning', () => source.send('error', new Error('lonely')));
    assert.deepEqual(
      warnings.map((error) => (error as Error).message),
      ['lonely'],
    );
  });

  it('is silent at the end', () => {
    const source = new Source();
    const seen: number[] = [];
    source.on('data', (value) => seen.push(value));
    source.end();
    source.send('data', 1);
    source.on('data', (value) => seen.push(value));
    source.send('data', 2);
    assert.deepEqual(seen, []);
  });
});
