/** The way out of one track. */
import { Emitter } from './emitter.js';
import { callNative, checkInteger } from './errors.js';
import type { MediaTrack } from './media_track.js';
import type { NativeSession } from './native.js';

export interface SenderParameters {
  /** Bit/s of the encoded track, without headers and repair. */
  maxBitrate: number;
}

export type SenderEvents = {
  /** The track came to its end and everything of it was sent. */
  ended: [];
};

/** Bitrates that encoders accept, in bit/s. */
export const kBitrateRange = {
  video: { min: 30_000, max: 50_000_000 },
  audio: { min: 6_000, max: 510_000 },
} as const;

/** Checks `maxBitrate` for a kind of track. */
export function checkBitrate(kind: 'video' | 'audio', maxBitrate: unknown): number {
  const { min, max } = kBitrateRange[kind];
  return checkInteger('maxBitrate', maxBitrate, min, max);
}

/** Encodes and sends one track; made by Session.addTrack(). */
export class Sender extends Emitter<SenderEvents> {
  readonly track: MediaTrack;
  readonly #native: NativeSession;
  readonly #id: number;
  #parameters: SenderParameters;
  #closed = false;

  /** @internal */
  constructor(session: NativeSession, id: number, track: MediaTrack, parameters: SenderParameters) {
    super();
    this.#native = session;
    this.#id = id;
    this.track = track;
    this.#parameters = parameters;
  }

  getParameters(): SenderParameters {
    return { ...this.#parameters };
  }

  /**
   * Changes the bitrate from the next frame on.
   * @throws TypeError, RangeError
   */
  setParameters(parameters: SenderParameters): void {
    const maxBitrate = checkBitrate(this.track.kind, parameters.maxBitrate);
    if (!this.#closed) callNative(() => this.#native.setBitrate(this.#id, maxBitrate));
    this.#parameters = { maxBitrate };
  }

  /** Makes the next frame one that a decoder can start with. */
  requestKeyFrame(): void {
    if (!this.#closed) callNative(() => this.#native.requestKeyFrame(this.#id));
  }

  /** @internal */
  handleSent(): void {
    this.emit('ended');
  }

  /** @internal */
  handleClose(): void {
    this.#closed = true;
    this.silence();
  }
}
