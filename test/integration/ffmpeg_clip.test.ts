/** Clips that only ffmpeg decodes, with the real ffmpeg and the real addon. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { openSource } from '#src/open_source.js';
import type { VideoTrack } from '#src/media_track.js';
import { useTemporaryFolder } from '../temporary_folder.js';
import { Program, startReceiver } from './program.js';

const kFrames = 20;

async function readFrames(word: string, loop: boolean, count: number) {
  const track = (await openSource(word, { loop, paced: false })) as VideoTrack;
  const failed = new Promise<never>((_, reject) => track.on('error', reject));
  const read = async () => {
    const frames: { mediaTime: number; data: Buffer }[] = [];
    for await (const { mediaTime, data } of track.frames()) {
      frames.push({ mediaTime, data: Buffer.from(data) });
      if (frames.length === count) break;
    }
    return frames;
  };
  try {
    return await Promise.race([read(), failed]);
  } finally {
    track.stop();
  }
}

/** True while any process decodes the clip. */
function isDecoded(clip: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return program === 'ffmpeg' && args.includes(`file:${clip}`);
    } catch {
      return false;
    }
  });
}

describe('clips that ffmpeg decodes', function () {
  this.timeout(60_000);
  const temporary = useTemporaryFolder();
  let clip: string;

  before(function () {
    clip = temporary('lossless.mp4');
    const picture = [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      `testsrc2=size=128x96:rate=10:duration=${kFrames / 10}`,
    ];
    const outputs = ['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-qp', '0', clip];
    const { error, stderr } = spawnSync('ffmpeg', [...picture, ...outputs], { encoding: 'utf8' });
    if (error) {
      console.log(`      skipped: ffmpeg does not start (${error.message})`);
      return this.skip();
    }
    assert.equal(stderr, '');
    spawnSync('ffmpeg', ['-v', 'error', '-i', clip, temporary('same.y4m')]);
  });
  afterEach(() => Program.killAll());

  it('give every picture as it is, and then end', async () => {
    const frames = await readFrames(`file:${clip}`, false, Infinity);
    assert.equal(frames.length, kFrames);
    assert.deepEqual(frames, await readFrames(`file:${temporary('same.y4m')}`, false, Infinity));
  });

  it('go on in time when they loop', async () => {
    const frames = await readFrames(`file:${clip}`, true, 3 * kFrames);
    frames.forEach(({ mediaTime, data }, i) => {
      assert.equal(mediaTime, i * 100_000);
      assert.ok(data.equals(frames[i % kFrames]?.data ?? Buffer.of()), `frame ${i}`);
    });
  });

  it('are sent, and leave no ffmpeg behind when the sender is killed', async () => {
    const { program, url } = await startReceiver();
    const sender = new Program(['send', '--to', url, '--json', '--loop', '--input', `file:${clip}`]);
    await sender.line(/^Warning: .*decoded by ffmpeg/);
    await sender.line(/^Sending to/);
    assert.equal(isDecoded(clip), true);
    await sender.signal('SIGKILL');
    await program.line(/^The sender's video ended/);
    assert.equal(isDecoded(clip), false);
    const { result } = await program.signal('SIGINT');
    assert.ok((result.stats['inbound-video']?.['framesDecoded'] ?? 0) > 0);
  });
});
