/** Hands frames of the addon to applications. */

interface Reader<T> {
  queue: T[];
  wake: (() => void) | undefined;
}

/**
 * Connects to the addon while at least one reader iterates. Each reader has a queue of its own that
 * drops the oldest frame when it is full, so that a slow one never holds up another.
 */
export class Tap<T> {
  readonly #readers = new Set<Reader<T>>();
  readonly #connect: (callback: ((item: T) => void) | null) => void;
  readonly #limit: number;
  #ended = false;
  /** Frames that readers were too slow for. */
  dropped = 0;

  constructor(connect: (callback: ((item: T) => void) | null) => void, limit: number) {
    this.#connect = connect;
    this.#limit = limit;
  }

  /** Frames from now on, until the source ends, the signal aborts or the loop is left. */
  iterate(signal?: AbortSignal): AsyncIterableIterator<T> {
    const reader: Reader<T> = { queue: [], wake: undefined };
    if (!this.#ended) this.#add(reader);
    const finish = (): void => {
      this.#remove(reader);
      signal?.removeEventListener('abort', finish);
    };
    signal?.addEventListener('abort', finish);
    if (signal?.aborted) finish();
    const iterator: AsyncIterableIterator<T> = {
      next: async () => {
        while (reader.queue.length === 0 && this.#readers.has(reader)) {
          await new Promise<void>((resolve) => (reader.wake = resolve));
        }
        const value = reader.queue.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: (value?: unknown) => {
        finish();
        reader.queue.length = 0;
        return Promise.resolve({ done: true, value });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** No frame comes any more: readers get what is queued and then end. */
  end(): void {
    this.#ended = true;
    for (const reader of [...this.#readers]) this.#remove(reader);
  }

  #add(reader: Reader<T>): void {
    this.#readers.add(reader);
    if (this.#readers.size === 1) this.#connect((item) => this.#deliver(item));
  }

  #remove(reader: Reader<T>): void {
    if (!this.#readers.delete(reader)) return;
    if (this.#readers.size === 0) this.#connect(null);
    reader.wake?.();
  }

  #deliver(item: T): void {
    for (const reader of this.#readers) {
      if (reader.queue.length >= this.#limit) {
        reader.queue.shift();
        this.dropped++;
      }
      reader.queue.push(item);
      reader.wake?.();
    }
  }
}
