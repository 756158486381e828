/** Plays an MP4 file with H.264 as if it were a camera. */
import type { EncodedPacketSink, Input, InputVideoTrack } from 'mediabunny';
import { MediaError } from './errors.js';
import { parseAvcConfig, toAnnexB } from './h264.js';
import type { AvcConfig } from './h264.js';
import { checkMp4 } from './media_file.js';
import { VideoTrack } from './media_track.js';

/** Bytes of the file that may be in memory at once. */
const kCacheBytes = 1 << 20;
/** Packets from which the average frame rate is taken. */
const kRatePackets = 64;

export interface ClipOptions {
  label: string;
  loop: boolean;
  paced: boolean;
}

interface Clip {
  input: Input;
  sink: EncodedPacketSink;
  config: AvcConfig;
  width: number;
  height: number;
  frameRate: number;
  hasAudio: boolean;
}

/**
 * Opens the clip and starts to feed its coded frames to the addon, which decodes them.
 * @throws MediaError naming the file and what is wrong with it.
 */
export async function openClip(path: string, options: ClipOptions): Promise<VideoTrack> {
  const clip = await readClip(path, await checkMp4(path));
  const { width, height, frameRate } = clip;
  const feeder = new ClipFeeder(path, clip, options.loop);
  let track: VideoTrack;
  try {
    const source = { kind: 'clip', width, height, frameRate, paced: options.paced } as const;
    track = VideoTrack.open(source, options.label, options.paced, () => feeder.wake());
  } catch (error) {
    clip.input.dispose();
    throw error;
  }
  track.onStop = () => feeder.wake();
  void feeder.run(track);
  return track;
}

/** Pushes the packets of a clip into its track, waiting whenever the track's queue is full. */
class ClipFeeder {
  readonly #path: string;
  readonly #clip: Clip;
  readonly #loop: boolean;
  #wake: (() => void) | undefined;

  constructor(path: string, clip: Clip, loop: boolean) {
    this.#path = path;
    this.#clip = clip;
    this.#loop = loop;
  }

  /** The queue may have room again, or the track is over. */
  wake(): void {
    this.#wake?.();
  }

  async run(track: VideoTrack): Promise<void> {
    try {
      if (this.#clip.hasAudio) this.#warnOfAudio(track);
      let start = 0;
      do start = await this.#playOnce(track, start);
      while (this.#loop && track.readyState === 'live');
      if (track.readyState === 'live') track.native.endChunks();
    } catch (error) {
      track.fail(damaged(this.#path, error));
    } finally {
      this.#clip.input.dispose();
    }
  }

  #warnOfAudio(track: VideoTrack): void {
    const text = `The sound of ${this.#path} is not read; add a .wav file, mic: or tone:`;
    // Listeners are added after openSource() returned; only then may events come.
    setImmediate(() => track.warn(new MediaError('ERR_AUDIO_IGNORED', text, { path: this.#path })));
  }

  /** Plays all packets with the first one at `start` (microseconds); returns the time of the end. */
  async #playOnce(track: VideoTrack, start: number): Promise<number> {
    const frame = 1e6 / this.#clip.frameRate;
    let first: number | undefined;
    let end = start;
    for await (const packet of this.#clip.sink.packets()) {
      if (track.readyState !== 'live') return end;
      first ??= packet.timestamp;
      const key = packet.type === 'key';
      const data = toAnnexB(packet.data, this.#clip.config, key);
      if (!data) throw new Error('a frame has a wrong length');
      const timestamp = Math.round(start + (packet.timestamp - first) * 1e6);
      const duration = Math.round(packet.duration * 1e6 || frame);
      end = Math.max(end, timestamp + duration);
      while (track.readyState === 'live' && !track.native.pushChunk(data, key, timestamp, duration)) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
    if (first === undefined) throw new Error('it holds no frames');
    return end;
  }
}

async function readClip(path: string, size: number): Promise<Clip> {
  const { EncodedPacketSink, FilePathSource, Input, Logging, LogLevel, MP4, QTFF } =
    await import('mediabunny');
  // What it would print comes as an error as well.
  Logging.level = LogLevel.Silent;
  const source = new FilePathSource(path, {
    maxCacheSize: kCacheBytes,
    handleUnhandledError: () => undefined,
  });
  const input = new Input({ source: source.slice(0, size), formats: [MP4, QTFF] });
  try {
    const video = await input.getPrimaryVideoTrack();
    if (!video)
      throw new MediaError('ERR_NO_VIDEO', `${path} has no video; expected MP4 with H.264`, { path });
    const config = await readConfig(path, video);
    const rate = await video.computePacketStats(kRatePackets);
    return {
      input,
      config,
      sink: new EncodedPacketSink(video),
      width: await video.getCodedWidth(),
      height: await video.getCodedHeight(),
      frameRate: rate.averagePacketRate || 30,
      hasAudio: (await input.getPrimaryAudioTrack()) !== null,
    };
  } catch (error) {
    input.dispose();
    throw error instanceof MediaError ? error : damaged(path, error);
  }
}

async function readConfig(path: string, video: InputVideoTrack): Promise<AvcConfig> {
  const codec = await video.getCodec();
  if (codec !== 'avc') {
    const text = `${path} holds ${codec ?? 'an unknown video codec'}; expected MP4 with H.264`;
    throw new MediaError('ERR_UNSUPPORTED_CODEC', text, { path });
  }
  // mediabunny's types describe this with names of the DOM library, which is not there.
  const decoder = (await video.getDecoderConfig()) as { description?: BufferView } | null;
  const config = decoder?.description && parseAvcConfig(toBytes(decoder.description));
  if (!config) throw new Error('its H.264 settings (avcC) are damaged');
  return config;
}

type BufferView = ArrayBufferView | ArrayBufferLike;

function toBytes(data: BufferView): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function damaged(path: string, cause: unknown): MediaError {
  if (cause instanceof MediaError) return cause;
  const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return new MediaError('ERR_FILE_DAMAGED', `${path} is damaged or no MP4 file: ${reason}`, { path, cause });
}
