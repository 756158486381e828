/** Why a running command ends. */

export type StopReason = 'seconds' | 'ended' | 'SIGINT' | 'SIGTERM' | 'parent';

/** 128 + number of the signal, as shells count. */
const kSignalCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Exit code of a command that ended in order. */
export function exitCode(reason: StopReason): number {
  return reason === 'SIGINT' || reason === 'SIGTERM' ? kSignalCodes[reason] : 0;
}

/**
 * Waits for the first reason to stop: a signal, the time that was asked for, the end of the input, or
 * the end of the program that started this one (if it keeps an IPC channel). A second SIGINT does
 * not wait for anything.
 */
export class Stop {
  readonly reason: Promise<StopReason>;
  readonly #controller = new AbortController();
  #resolve!: (reason: StopReason) => void;
  #reject!: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  readonly #onInterrupt = (): void => {
    if (this.signal.aborted) process.exit(kSignalCodes.SIGINT);
    this.now('SIGINT');
  };
  readonly #onTerminate = (): void => this.now('SIGTERM');
  readonly #onDisconnect = (): void => this.now('parent');

  constructor() {
    this.reason = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // fail() may come before anybody waits.
    this.reason.catch(() => undefined);
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
    process.on('disconnect', this.#onDisconnect);
    process.channel?.unref();
  }

  /** Aborts with the first reason. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  now(reason: StopReason): void {
    this.#resolve(reason);
    this.#controller.abort();
  }

  /** Stops because something failed. */
  fail(error: unknown): void {
    this.#reject(error);
    this.#controller.abort();
  }

  after(seconds: number | undefined): void {
    if (seconds !== undefined) this.#timer = setTimeout(() => this.now('seconds'), seconds * 1000);
  }

  /** Stops listening; a signal then ends the process as it would by default. */
  release(): void {
    clearTimeout(this.#timer);
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
    process.off('disconnect', this.#onDisconnect);
  }
}
