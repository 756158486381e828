/** Typed events. */

/** Event names with the arguments of their listeners, as tuples. */
export type EventMap = Record<string, unknown[]>;
type Listener<Args extends unknown[]> = (...args: Args) => void;

/**
 * An event emitter whose events are typed, and whose listeners cannot break the library: what a
 * listener throws is thrown again on an empty stack, where it reaches `uncaughtException`.
 */
export class Emitter<Events extends EventMap> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  #silent = false;

  on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    if (typeof listener !== 'function') throw new TypeError('Expected a function as listener');
    const set = this.#listeners.get(name) ?? new Set();
    set.add(listener);
    this.#listeners.set(name, set);
    return this;
  }

  off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    this.#listeners.get(name)?.delete(listener);
    return this;
  }

  /** Calls `listener` for the next event of this name only. */
  once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): this {
    const wrapped: Listener<Events[Name]> = (...args) => {
      this.off(name, wrapped);
      listener(...args);
    };
    return this.on(name, wrapped);
  }

  listenerCount(name: keyof Events): number {
    return this.#listeners.get(name)?.size ?? 0;
  }

  /** Delivers an event. An 'error' that nobody listens to becomes a process warning. */
  protected emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): void {
    if (this.#silent) return;
    const set = this.#listeners.get(name);
    if (name === 'error' && !set?.size) {
      process.emitWarning(args[0] instanceof Error ? args[0] : String(args[0]));
      return;
    }
    for (const listener of [...(set ?? [])]) {
      try {
        (listener as Listener<Events[Name]>)(...args);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  /** No event after this; used by close(). */
  protected silence(): void {
    this.#silent = true;
    this.#listeners.clear();
  }
}
