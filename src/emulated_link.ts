/** A bad network on one machine, for tests, benchmarks and the demo. */
import { native } from './binding.js';
import { callNative, checkInteger, checkNumber } from './errors.js';
import type { NativeLink } from './native.js';

export interface LinkConditions {
  /** Packets lost at random in each direction, 0 to 100. Default 0. */
  lossPercent?: number;
  /** Milliseconds one way. Default 0. */
  delayMs?: number;
  /** Milliseconds that the delay varies by. Default 0. */
  jitterMs?: number;
}

export interface EmulatedLinkOptions extends LinkConditions {
  /** Where packets are passed on to, on the loopback address. */
  targetPort: number;
  /** Port to send to. Default 0: any free one, see {@link EmulatedLink.port}. */
  port?: number;
  /** The same seed loses the same packets. Default 1. */
  seed?: number;
}

/** Packets of both directions. */
export interface LinkCounters {
  sent: number;
  lost: number;
  delivered: number;
}

/** A UDP relay on the loopback address that loses, delays and reorders packets. */
export class EmulatedLink {
  readonly #native: NativeLink;
  #conditions: Required<LinkConditions>;

  private constructor(link: NativeLink, conditions: Required<LinkConditions>) {
    this.#native = link;
    this.#conditions = conditions;
  }

  /**
   * Opens the relay.
   * @throws TypeError, RangeError, MediaError `ERR_ADDRESS_IN_USE`
   */
  static open(options: EmulatedLinkOptions): EmulatedLink {
    const targetPort = checkInteger('targetPort', options.targetPort, 1, 65535);
    const port = checkInteger('port', options.port ?? 0, 0, 65535);
    const seed = checkInteger('seed', options.seed ?? 1, 0, 2 ** 32 - 1);
    const conditions = checkConditions(options, { lossPercent: 0, delayMs: 0, jitterMs: 0 });
    const link = callNative(() => native().openLink({ ...conditions, port, targetPort, seed }));
    return new EmulatedLink(link, conditions);
  }

  /** The port to send to. */
  get port(): number {
    return this.#native.port;
  }

  /** Changes what is given and keeps the rest. */
  setConditions(conditions: LinkConditions): void {
    this.#conditions = checkConditions(conditions, this.#conditions);
    callNative(() => this.#native.setConditions(this.#conditions));
  }

  counters(): LinkCounters {
    return this.#native.counters();
  }

  /** Twice is once. */
  close(): void {
    this.#native.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function checkConditions(given: LinkConditions, rest: Required<LinkConditions>): Required<LinkConditions> {
  const { lossPercent = rest.lossPercent, delayMs = rest.delayMs, jitterMs = rest.jitterMs } = given;
  checkNumber('lossPercent', lossPercent, 'a percentage from 0 to 100', { min: 0, max: 100 });
  checkNumber('delayMs', delayMs, 'milliseconds from 0 to 10000', { min: 0, max: 10_000 });
  checkNumber('jitterMs', jitterMs, 'milliseconds from 0 to 10000', { min: 0, max: 10_000 });
  return { lossPercent, delayMs, jitterMs };
}
