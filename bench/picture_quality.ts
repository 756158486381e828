/** Quality of received pictures against the pictures of the source. */
import { native } from '#src/binding.js';
import { openSource } from '#src/index.js';
import type { VideoTrack } from '#src/index.js';
import { psnr } from './statistics.js';
import type { MatchedFrame } from './statistics.js';
import { Y4mReader } from './y4m_reader.js';

/** Media times of one frame differ by rounding only; those of two by milliseconds. */
const kSameFrameMicroseconds = 1000;

export interface PictureQuality {
  framesCompared: number;
  /** dB, from the mean squared error over all frames. */
  psnrY: number;
  /** Mean over all frames, 0 to 1. */
  ssimY: number;
}

/**
 * Compares each picture of the Y4M file `received` with the source picture of the same media time.
 * `frames` says in the same order what each picture is; a picture beyond it is not compared.
 * @throws Error if the source does not give a picture that was sent.
 */
export async function measureQuality(
  word: string,
  received: string,
  frames: readonly (MatchedFrame | undefined)[],
): Promise<PictureQuality> {
  const reader = new Y4mReader(received);
  const source = (await openSource(word, { loop: true, paced: false })) as VideoTrack;
  const sources = source.frames();
  let [count, squaredError, similarity] = [0, 0, 0];
  try {
    for (const frame of frames) {
      const picture = reader.next();
      if (!picture) break;
      if (!frame) continue;
      const original = await findSource(sources, frame.mediaTime);
      if (original.length !== picture.length) throw new Error('The received pictures have another size');
      const { mse, ssim } = native().imageQuality(original, picture, reader.width, reader.height);
      count += 1;
      squaredError += mse;
      similarity += ssim;
    }
  } finally {
    source.stop();
    reader.close();
  }
  if (count === 0) return { framesCompared: 0, psnrY: 0, ssimY: 0 };
  return { framesCompared: count, psnrY: psnr(squaredError / count), ssimY: similarity / count };
}

async function findSource(
  sources: AsyncIterableIterator<{ mediaTime: number; data: Uint8Array }>,
  mediaTime: number,
) {
  for (;;) {
    const next = await sources.next();
    if (next.done === true) throw new Error('The source ended before its received copy');
    const difference = next.value.mediaTime - mediaTime;
    if (Math.abs(difference) <= kSameFrameMicroseconds) return next.value.data;
    if (difference > 0) throw new Error(`The source gave no picture of the media time ${mediaTime} us`);
  }
}
