/** Sessions: what is sent and received over one link. */
import { parseUdpUrl, resolveHost } from './address.js';
import { native } from './binding.js';
import { Emitter } from './emitter.js';
import { callNative, checkAborted, checkNumber, fromNative, invalidArgument, MediaError } from './errors.js';
import { parseKey } from './key.js';
import { AudioTrack, VideoTrack } from './media_track.js';
import type { MediaTrack } from './media_track.js';
import type {
  NativeChunk,
  NativeSession,
  NativeSessionEvent,
  NativeSinks,
  NativeTraceRecord,
} from './native.js';
import { AudioReceiver, VideoReceiver } from './receiver.js';
import type { Receiver } from './receiver.js';
import { checkBitrate, Sender } from './sender.js';
import { makeReport } from './stats.js';
import type { StatsReport } from './stats.js';

export interface SessionOptions {
  /** Closes the session when it aborts. */
  signal?: AbortSignal;
}

export interface AddTrackOptions {
  /** Bit/s of the encoded track, without headers and repair. Default 1 000 000, sound 48 000. */
  maxBitrate?: number;
  /** Longest time between key frames, in seconds; 0: only when one is asked for. Default 10. */
  keyFrameInterval?: number;
}

export interface LinkOptions {
  /** Pre-shared key of both ends: 56 hexadecimal digits, 40 base64 characters or 28 bytes. */
  key: string | Uint8Array;
  signal?: AbortSignal;
}

export interface SubscribeOptions extends LinkOptions {
  /** Writes every decoded frame to this Y4M file. */
  videoFile?: string;
  /** Writes the sound that is played to this WAV file. */
  audioFile?: string;
  /** Plays the sound on this ALSA device. */
  audioDevice?: string;
}

/** Something that goes on working but should be known; at most once a second for each code. */
export interface Warning {
  /** ERR_AUTHENTICATION_FAILED, ERR_REPLAYED, ERR_OVERFLOW or ERR_UNREACHABLE. */
  code: string;
  message: string;
  /** How often since the session began. */
  count: number;
}

export interface StreamInfo {
  kind: 'video' | 'audio';
  ssrc: number;
}

export type SessionEvents = {
  /** The first stream of a kind arrives; a restarted sender is taken up by the same receiver. */
  track: [Receiver];
  streamstart: [StreamInfo];
  /** The sender said goodbye, or nothing came for 2 s. */
  streamstop: [StreamInfo & { reason: 'bye' | 'timeout' }];
  warning: [Warning];
  error: [MediaError];
  /** After close(); nothing comes after this. */
  close: [];
};

/** Takes the coded frames that arrive; closed with the session. */
export interface ChunkSink {
  handleChunks(chunks: NativeChunk[]): void;
  handleStream(event: 'start' | 'stop', kind: 'video' | 'audio'): void;
  close(): Promise<void>;
}

const kDefaultBitrate = { video: 1_000_000, audio: 48_000 } as const;

/** One end of a connection. Make it with {@link createSession}. */
export class Session extends Emitter<SessionEvents> {
  readonly #native: NativeSession;
  readonly #senders = new Map<number, Sender>();
  readonly #receivers = new Map<'video' | 'audio', Receiver>();
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.close();
  #sink: ChunkSink | undefined;
  #link: 'idle' | 'opening' | 'publishing' | 'subscribed' = 'idle';
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #finalStats: StatsReport | undefined;

  /** @internal */
  constructor(options: SessionOptions = {}) {
    super();
    this.#native = callNative(() => native().createSession((event) => this.#handleEvent(event)));
    this.#signal = options.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Adds a track to send; before publish(), one of each kind.
   * @throws TypeError, RangeError, MediaError `ERR_INVALID_STATE`
   */
  addTrack(track: MediaTrack, options: AddTrackOptions = {}): Promise<Sender> {
    return this.#attempt(() => {
      if (!(track instanceof VideoTrack) && !(track instanceof AudioTrack)) {
        throw invalidArgument('a track of openSource()', 'track', track);
      }
      const maxBitrate = checkBitrate(track.kind, options.maxBitrate ?? kDefaultBitrate[track.kind]);
      this.#checkAddable(track);
      const id = callNative(() =>
        track.kind === 'video'
          ? this.#native.addVideo(track.native, { maxBitrate, keyFrameInterval: checkInterval(options) })
          : this.#native.addAudio(track.native, { maxBitrate }),
      );
      const sender = new Sender(this.#native, id, track, { maxBitrate });
      this.#senders.set(id, sender);
      return sender;
    });
  }

  /**
   * Opens the link and starts to send the tracks to `udp://HOST:PORT`.
   * @throws TypeError, RangeError, MediaError (`ERR_HOST_NOT_FOUND`, `ERR_INVALID_STATE`, ...)
   */
  async publish(url: string, options: LinkOptions): Promise<void> {
    const { host, port } = parseUdpUrl('url', url);
    if (port === 0) throw invalidArgument('an address with a port other than 0', 'url', url, true);
    const key = parseKey(options.key);
    if (this.#senders.size === 0) throw invalidState('publish() needs a track; call addTrack() first');
    await this.#open(host, options, (address) => this.#native.publish({ host: address, port, key }));
    this.#link = 'publishing';
  }

  /**
   * Opens the port of `udp://HOST:PORT` (port 0: any free one) and receives what comes with the key.
   * @throws TypeError, RangeError, MediaError (`ERR_ADDRESS_IN_USE`, ...)
   */
  async subscribe(url: string, options: SubscribeOptions): Promise<void> {
    const { host, port } = parseUdpUrl('url', url);
    const key = parseKey(options.key);
    const sinks: NativeSinks = {};
    for (const name of ['videoFile', 'audioFile', 'audioDevice'] as const) {
      const value = options[name];
      if (value !== undefined) sinks[name] = value;
    }
    await this.#open(host, options, (address) => this.#native.subscribe({ host: address, port, key }, sinks));
    this.#link = 'subscribed';
  }

  /** The UDP port that the link uses. */
  get localPort(): number {
    return callNative(() => this.#native.localPort());
  }

  /** Counters of everything so far; after close() those of the end. */
  getStats(): Promise<StatsReport> {
    return this.#finalStats ? Promise.resolve(this.#finalStats) : this.#attempt(() => this.#readStats());
  }

  /**
   * One record for each frame since the last call, at most 4096; they are kept from the first call
   * on. Empty after close().
   */
  readTrace(): NativeTraceRecord[] {
    return this.#closing ? [] : callNative(() => this.#native.readTrace());
  }

  /** @internal Gives the coded frames that arrive to `sink`. */
  attachSink(sink: ChunkSink): void {
    if (this.#closing) throw invalidState('the session is closed');
    if (this.#sink) throw invalidState('the session is recorded already');
    this.#sink = sink;
    this.#native.setChunkCallback((chunks) => sink.handleChunks(chunks));
  }

  /** @internal */
  detachSink(sink: ChunkSink): void {
    if (this.#sink !== sink) return;
    this.#sink = undefined;
    if (!this.#closing) this.#native.setChunkCallback(null);
  }

  /**
   * Takes no more from the tracks and waits until all that was taken is sent and, where the receiver
   * asks for it, sent again; about half a second at most. close() does this too.
   */
  drain(): Promise<void> {
    if (this.#link !== 'publishing' || this.#finalStats) return Promise.resolve();
    this.#draining ??= new Promise((resolve) => this.#native.drain(resolve));
    return this.#draining;
  }

  /**
   * Sends what is on its way (see {@link drain}), says goodbye, stops, finishes recordings. Tracks
   * stay open: they belong to whoever opened them. No event comes after 'close'. Twice is once.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    await this.drain();
    this.#finalStats = this.#readStats();
    this.#native.close();
    for (const sender of this.#senders.values()) sender.handleClose();
    for (const receiver of this.#receivers.values()) receiver.handleClose();
    await this.#sink?.close();
    this.emit('close');
    this.silence();
  }

  async #open(host: string, options: LinkOptions, open: (address: string) => void): Promise<void> {
    this.#checkOpen();
    checkAborted(options.signal);
    if (this.#link !== 'idle') throw invalidState('a session has one link; it is open already');
    this.#link = 'opening';
    try {
      const address = await resolveHost(host);
      checkAborted(options.signal);
      this.#checkOpen();
      callNative(() => open(address));
    } catch (error) {
      this.#link = 'idle';
      throw error;
    }
  }

  #checkAddable(track: MediaTrack): void {
    this.#checkOpen();
    if (this.#link !== 'idle') throw invalidState('tracks are added before publish()');
    for (const sender of this.#senders.values()) {
      if (sender.track.kind === track.kind) throw invalidState(`a session sends one ${track.kind} track`);
    }
  }

  #checkOpen(): void {
    if (this.#closing) throw invalidState('the session is closed');
  }

  #readStats(): StatsReport {
    return makeReport(this.#native.getStats(), performance.timeOrigin + performance.now());
  }

  /** Runs `action` so that what it throws rejects. */
  // eslint-disable-next-line @typescript-eslint/require-await
  async #attempt<T>(action: () => T): Promise<T> {
    return action();
  }

  #handleEvent(event: NativeSessionEvent): void {
    if (this.#closing) return;
    switch (event.type) {
      case 'streamstart':
        this.#addReceiver(event.kind);
        this.#sink?.handleStream('start', event.kind);
        return this.emit('streamstart', { kind: event.kind, ssrc: event.ssrc });
      case 'streamstop':
        this.#sink?.handleStream('stop', event.kind);
        return this.emit('streamstop', { kind: event.kind, ssrc: event.ssrc, reason: event.reason });
      case 'sent':
        return this.#senders.get(event.id)?.handleSent();
      case 'warning':
        return this.emit('warning', { code: event.code, message: event.message, count: event.count });
      case 'error':
        return this.emit('error', fromNative(event.error) as MediaError);
    }
  }

  #addReceiver(kind: 'video' | 'audio'): void {
    if (this.#receivers.has(kind)) return;
    const isClosed = (): boolean => this.#closing !== undefined;
    const receiver =
      kind === 'video'
        ? new VideoReceiver(this.#native, isClosed)
        : new AudioReceiver(this.#native, isClosed);
    this.#receivers.set(kind, receiver);
    this.emit('track', receiver);
  }
}

/**
 * Makes a session.
 * @throws MediaError `ERR_ADDON_NOT_FOUND` when the native part is not built.
 */
// eslint-disable-next-line @typescript-eslint/require-await
export async function createSession(options: SessionOptions = {}): Promise<Session> {
  checkAborted(options.signal);
  return new Session(options);
}

function checkInterval({ keyFrameInterval = 10 }: AddTrackOptions): number {
  const seconds = checkNumber('keyFrameInterval', keyFrameInterval, 'seconds from 0 to 600', {
    min: 0,
    max: 600,
  });
  return Math.round(seconds * 1e6);
}

function invalidState(message: string): MediaError {
  return new MediaError('ERR_INVALID_STATE', message);
}
