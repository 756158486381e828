/** Plays an MP4 file as if it were a camera. */
import type { EncodedPacketSink, Input, InputVideoTrack } from 'mediabunny';
import type { ClipOptions } from './clip_options.js';
import { MediaError } from './errors.js';
import { openFfmpegClip } from './ffmpeg_clip.js';
import { describeAvc, isDecodable, parseAvcConfig, toAnnexB } from './h264.js';
import type { AvcConfig } from './h264.js';
import { checkMp4 } from './media_file.js';
import { VideoTrack } from './media_track.js';

/** Bytes of the file that may be in memory at once. */
const kCacheBytes = 1 << 20;
/** Packets from which the average frame rate is taken. */
const kRatePackets = 64;
const kCodecNames: Record<string, string> = { hevc: 'H.265 (HEVC)', vp8: 'VP8', vp9: 'VP9', av1: 'AV1' };

interface Clip {
  input: Input;
  sink: EncodedPacketSink;
  config: AvcConfig;
  width: number;
  height: number;
  frameRate: number;
}

/** What the file holds: frames that the addon decodes, or the name of a format that it cannot decode. */
type Contents = { hasAudio: boolean } & ({ clip: Clip } | { foreign: string });

/**
 * Opens the clip. The addon decodes its frames, or ffmpeg does if only that can.
 * @throws MediaError naming the file and what is wrong with it.
 */
export async function openClip(path: string, options: ClipOptions): Promise<VideoTrack> {
  const contents = await readContents(path, await checkMp4(path));
  let track: VideoTrack;
  if ('clip' in contents) {
    track = feedClip(path, contents.clip, options);
  } else {
    track = await openFfmpegClip(path, contents.foreign, options);
    warn(track, 'ERR_DECODED_BY_FFMPEG', path, `${path} holds ${contents.foreign}: it is decoded by ffmpeg`);
  }
  if (contents.hasAudio) {
    const text = `The sound of ${path} is not read; add a .wav file, mic: or tone:`;
    warn(track, 'ERR_AUDIO_IGNORED', path, text);
  }
  return track;
}

/** Listeners are added after openSource() returned; only then may events come. */
function warn(track: VideoTrack, code: string, path: string, text: string): void {
  setImmediate(() => track.warn(new MediaError(code, text, { path })));
}

/** Starts to feed the coded frames to the addon. */
function feedClip(path: string, clip: Clip, options: ClipOptions): VideoTrack {
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

async function readContents(path: string, size: number): Promise<Contents> {
  const { EncodedPacketSink, FilePathSource, Input, Logging, LogLevel, MP4, QTFF } =
    await import('./mediabunny.js');
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
    const hasAudio = (await input.getPrimaryAudioTrack()) !== null;
    const config = await readConfig(video);
    if (typeof config !== 'string') {
      const rate = await video.computePacketStats(kRatePackets);
      const clip = {
        input,
        config,
        sink: new EncodedPacketSink(video),
        width: await video.getCodedWidth(),
        height: await video.getCodedHeight(),
        frameRate: rate.averagePacketRate || 30,
      };
      return { clip, hasAudio };
    }
    input.dispose();
    return { foreign: config, hasAudio };
  } catch (error) {
    input.dispose();
    throw error instanceof MediaError ? error : damaged(path, error);
  }
}

/** Settings for the addon's decoder, or the name of the format if it cannot decode that. */
async function readConfig(video: InputVideoTrack): Promise<AvcConfig | string> {
  const codec = await video.getCodec();
  if (codec !== 'avc') return codec === null ? 'an unknown video codec' : (kCodecNames[codec] ?? codec);
  // mediabunny's types describe this with names of the DOM library, which is not there.
  const decoder = (await video.getDecoderConfig()) as { description?: BufferView } | null;
  const config = decoder?.description && parseAvcConfig(toBytes(decoder.description));
  if (!config) throw new Error('its H.264 settings (avcC) are damaged');
  return isDecodable(config) ? config : describeAvc(config);
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
