/** The way in of one stream. */
import type { AudioBlock, VideoFrame } from './media_track.js';
import type { NativeSession } from './native.js';
import { Tap } from './tap.js';

const kVideoQueue = 4;
const kAudioQueue = 50;

/** Decoded pictures of a session; comes with the 'track' event. */
export class VideoReceiver {
  readonly kind = 'video';
  readonly #tap: Tap<VideoFrame>;

  /** @internal */
  constructor(session: NativeSession, isClosed: () => boolean) {
    this.#tap = new Tap((callback) => {
      if (!isClosed()) session.setFrameCallback(callback);
    }, kVideoQueue);
  }

  /** Decoded frames from now on; ends with the session. A slow reader misses the oldest. */
  frames(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<VideoFrame> {
    return this.#tap.iterate(options.signal);
  }

  /** @internal */
  handleClose(): void {
    this.#tap.end();
  }
}

/** Decoded sound of a session; comes with the 'track' event. */
export class AudioReceiver {
  readonly kind = 'audio';
  readonly #tap: Tap<AudioBlock>;

  /** @internal */
  constructor(session: NativeSession, isClosed: () => boolean) {
    this.#tap = new Tap((callback) => {
      if (!isClosed()) session.setAudioCallback(callback);
    }, kAudioQueue);
  }

  /** Decoded blocks of 10 ms from now on; ends with the session. A slow reader misses the oldest. */
  frames(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<AudioBlock> {
    return this.#tap.iterate(options.signal);
  }

  /** @internal */
  handleClose(): void {
    this.#tap.end();
  }
}

export type Receiver = VideoReceiver | AudioReceiver;
