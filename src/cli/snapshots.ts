/** --snapshots: a few frames that sender and receiver both save, so that they can be compared. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromFileError } from '../errors.js';
import type { VideoFrame } from '../media_track.js';

/** 2 s of the 90 kHz video clock. */
const kInterval = 180_000;
const kMaximum = 8;

/**
 * Chooses the first frame at or after each multiple of 2 s of RTP time. Both ends see the same
 * timestamps, so they choose the same frames without talking about it.
 */
export class SnapshotPicker {
  #previous: number | undefined;
  #count = 0;

  pick(rtpTimestamp: number): boolean {
    const interval = Math.floor(rtpTimestamp / kInterval);
    const first = this.#previous !== undefined && interval !== this.#previous;
    this.#previous = interval;
    if (!first || this.#count >= kMaximum) return false;
    this.#count++;
    return true;
  }

  get full(): boolean {
    return this.#count >= kMaximum;
  }
}

/**
 * RTP timestamp of a captured frame, which gets its own only later on its way out: from a frame that
 * was sent before. It may differ by one from that on the wire.
 */
export function rtpTimestampAt(
  captureTime: number,
  sent: { captureTime: number; rtpTimestamp: number },
): number {
  const ticks = Math.round(((captureTime - sent.captureTime) * 9) / 100);
  return (((sent.rtpTimestamp + ticks) % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

/** Saves picked frames as DIR/<rtpTimestamp>.i420 with their size in a .json beside it. */
export async function saveSnapshots(
  frames: AsyncIterableIterator<VideoFrame>,
  folder: string,
  timestampOf: (frame: VideoFrame) => number | undefined = (frame) => frame.rtpTimestamp,
): Promise<void> {
  const picker = new SnapshotPicker();
  try {
    await mkdir(folder, { recursive: true });
    for await (const frame of frames) {
      const rtpTimestamp = timestampOf(frame);
      if (rtpTimestamp === undefined || !picker.pick(rtpTimestamp)) continue;
      const { width, height, damaged, data } = frame;
      await writeFile(join(folder, `${rtpTimestamp}.i420`), data);
      await writeFile(
        join(folder, `${rtpTimestamp}.json`),
        JSON.stringify({ rtpTimestamp, width, height, damaged }),
      );
      if (picker.full) break;
    }
  } catch (error) {
    throw fromFileError(error, folder);
  }
}
