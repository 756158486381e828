/** Tracks: one source of video or of sound. */
import { native } from './binding.js';
import { Emitter } from './emitter.js';
import { callNative, fromNative } from './errors.js';
import type { MediaError } from './errors.js';
import type {
  NativeAudio,
  NativeAudioSource,
  NativeAudioTrack,
  NativeFrame,
  NativeTrackEvent,
  NativeVideoSource,
  NativeVideoTrack,
} from './native.js';
import { Tap } from './tap.js';

/** A picture: planes without padding, Y then U then V (I420). */
export type VideoFrame = NativeFrame;
/** 10 ms of sound: interleaved, 48 kHz. */
export type AudioBlock = NativeAudio;

/** Frames that wait for an application before the oldest is dropped. */
const kVideoQueue = 4;
const kAudioQueue = 50;

export type MediaTrackEvents = {
  /** The source gave its last frame; not after stop(). */
  ended: [];
  /** The source failed; the track is over. */
  error: [MediaError];
  /** Something that the application may want to know, such as sound of a clip that is not read. */
  warning: [MediaError];
};

/** What a track of either kind can do. Ask `kind`, or use {@link VideoTrack} and {@link AudioTrack}. */
export abstract class MediaTrack extends Emitter<MediaTrackEvents> {
  abstract readonly kind: 'video' | 'audio';
  /** The source word that the track was opened with. */
  readonly label: string;
  /** @internal Called by stop(). */
  onStop: (() => void) | undefined;
  #readyState: 'live' | 'ended' = 'live';

  protected constructor(label: string) {
    super();
    this.label = label;
  }

  /** "ended" after the last frame, after a failure and after stop(). */
  get readyState(): 'live' | 'ended' {
    return this.#readyState;
  }

  /** Stops the source and closes its device; frames() ends. Twice is once. */
  stop(): void {
    this.#readyState = 'ended';
    this.silence();
    this.onStop?.();
    this.release();
  }

  /** The same as {@link stop}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    return Promise.resolve();
  }

  /** @internal What the addon reports of the track. */
  handleEvent(event: NativeTrackEvent): void {
    if (event.type === 'error') this.fail(fromNative(event.error) as MediaError);
    if (event.type === 'ended' && this.#end()) this.emit('ended');
  }

  /** @internal Ends the track with an error. */
  fail(error: MediaError): void {
    if (this.#end()) this.emit('error', error);
  }

  #end(): boolean {
    if (this.#readyState === 'ended') return false;
    this.#readyState = 'ended';
    this.endFrames();
    return true;
  }

  /** @internal */
  warn(warning: MediaError): void {
    this.emit('warning', warning);
  }

  protected abstract endFrames(): void;
  protected abstract release(): void;
}

/** A track of pictures, from a camera, a file or the test pattern. */
export class VideoTrack extends MediaTrack {
  readonly kind = 'video';
  /** @internal */
  readonly native: NativeVideoTrack;
  readonly #tap: Tap<VideoFrame>;
  #closed = false;

  /** @internal Use openSource(). `onEvent` sees what the addon reports before the track does. */
  static open(
    source: NativeVideoSource,
    label: string,
    paced: boolean,
    onEvent?: (event: NativeTrackEvent) => void,
  ): VideoTrack {
    const deliver = (event: NativeTrackEvent): void => {
      onEvent?.(event);
      track.handleEvent(event);
    };
    const track = new VideoTrack(
      callNative(() => native().openVideoTrack(source, deliver)),
      label,
      paced,
    );
    return track;
  }

  private constructor(native: NativeVideoTrack, label: string, paced: boolean) {
    super(label);
    this.native = native;
    // An unpaced source waits for its reader, so nothing needs to be dropped.
    const limit = paced ? kVideoQueue : Infinity;
    this.#tap = new Tap((callback) => {
      if (!this.#closed) native.setFrameCallback(callback);
    }, limit);
  }

  /** Size in pixels and frames per second. */
  getSettings(): { width: number; height: number; frameRate: number } {
    return callNative(() => this.native.settings());
  }

  /** Frames from now on. A reader that is slower than the source misses the oldest. */
  frames(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<VideoFrame> {
    return this.#tap.iterate(options.signal);
  }

  protected override endFrames(): void {
    this.#tap.end();
  }

  protected override release(): void {
    this.#tap.end();
    this.#closed = true;
    this.native.close();
  }
}

/** A track of sound, from a microphone, a file or the test tone. */
export class AudioTrack extends MediaTrack {
  readonly kind = 'audio';
  /** @internal */
  readonly native: NativeAudioTrack;
  readonly #tap: Tap<AudioBlock>;
  #closed = false;

  /** @internal Use openSource(). */
  static open(source: NativeAudioSource, label: string, paced: boolean): AudioTrack {
    const track: AudioTrack = new AudioTrack(
      callNative(() => native().openAudioTrack(source, (event) => track.handleEvent(event))),
      label,
      paced,
    );
    return track;
  }

  private constructor(native: NativeAudioTrack, label: string, paced: boolean) {
    super(label);
    this.native = native;
    const limit = paced ? kAudioQueue : Infinity;
    this.#tap = new Tap((callback) => {
      if (!this.#closed) native.setAudioCallback(callback);
    }, limit);
  }

  /** Channels, and samples of each per second. */
  getSettings(): { channels: number; sampleRate: number } {
    return callNative(() => this.native.settings());
  }

  /** Blocks of 10 ms from now on. A reader that is 500 ms behind misses the oldest. */
  frames(options: { signal?: AbortSignal } = {}): AsyncIterableIterator<AudioBlock> {
    return this.#tap.iterate(options.signal);
  }

  protected override endFrames(): void {
    this.#tap.end();
  }

  protected override release(): void {
    this.#tap.end();
    this.#closed = true;
    this.native.close();
  }
}
