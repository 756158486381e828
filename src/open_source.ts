/** Opening sources: cameras, microphones, files, the test pattern and the test tone. */
import { openClip } from './clip_source.js';
import { checkAborted, checkInteger, checkString } from './errors.js';
import { checkFile } from './media_file.js';
import { AudioTrack, VideoTrack } from './media_track.js';
import type { MediaTrack } from './media_track.js';
import type { NativeVideoSource } from './native.js';
import { parseSource } from './source.js';
import type { SourceWord } from './source.js';

export interface OpenSourceOptions {
  /** Starts a file again at its end. Default false. */
  loop?: boolean;
  /**
   * Gives frames at their own rate, as a camera would. Without, a file or pattern gives them as fast
   * as they are read by frames(). Default true.
   */
  paced?: boolean;
  signal?: AbortSignal;
}

export interface CameraOptions {
  /** Default: the first camera, /dev/video0. */
  path?: string;
  /** Pixels; the camera may choose the nearest that it can, see getSettings(). Default 640 x 360. */
  width?: number;
  height?: number;
  /** Frames per second. Default 30. */
  frameRate?: number;
  signal?: AbortSignal;
}

export interface MicrophoneOptions {
  /** ALSA device. Default "default". */
  device?: string;
  signal?: AbortSignal;
}

/**
 * Opens what a source word names: `camera:/dev/video0`, `mic:hw:1,0`, `file:clip.mp4` (also .y4m,
 * .wav), `pattern:`, `tone:`.
 * @throws MediaError naming the device or file and what is wrong with it.
 */
export async function openSource(word: string, options: OpenSourceOptions = {}): Promise<MediaTrack> {
  const source = parseSource(word);
  checkAborted(options.signal);
  const { loop = false, paced = true } = options;
  switch (source.kind) {
    case 'clip':
      return openClip(source.path, { label: word, loop, paced });
    case 'y4m':
      await checkFile(source.path);
      return VideoTrack.open({ kind: 'y4m', path: source.path, loop, paced }, word, paced);
    case 'wav':
      await checkFile(source.path);
      return AudioTrack.open({ kind: 'wav', path: source.path, loop, paced }, word, paced);
    case 'pattern':
      return VideoTrack.open({ ...source, paced }, word, paced);
    case 'tone':
      return AudioTrack.open({ ...source, paced }, word, paced);
    case 'camera':
      return VideoTrack.open(cameraSource(source), word, true);
    case 'mic':
      return AudioTrack.open({ kind: 'microphone', device: source.device, channels: 2 }, word, true);
  }
}

/**
 * Opens a camera (V4L2).
 * @throws MediaError; TypeError and RangeError for wrong options.
 */
export async function openCamera(options: CameraOptions = {}): Promise<VideoTrack> {
  const { path = '/dev/video0', width = 640, height = 360, frameRate = 30, signal } = options;
  checkString('path', path);
  checkInteger('width', width, 16, 3840);
  checkInteger('height', height, 16, 2160);
  checkInteger('frameRate', frameRate, 1, 60);
  checkAborted(signal);
  await Promise.resolve();
  return VideoTrack.open({ kind: 'camera', path, width, height, frameRate }, `camera:${path}`, true);
}

/**
 * Opens a microphone (ALSA).
 * @throws MediaError
 */
export async function openMicrophone(options: MicrophoneOptions = {}): Promise<AudioTrack> {
  const { device = 'default', signal } = options;
  checkString('device', device);
  checkAborted(signal);
  await Promise.resolve();
  return AudioTrack.open({ kind: 'microphone', device, channels: 2 }, `mic:${device}`, true);
}

function cameraSource(source: SourceWord & { kind: 'camera' }): NativeVideoSource {
  return { width: 640, height: 360, frameRate: 30, ...source };
}
