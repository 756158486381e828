import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { injectNative } from '#src/binding.js';
import { Mp4File } from '#src/mp4_file.js';
import { openSource } from '#src/open_source.js';
import { FakeNative } from '../fake_native.js';
import type { FakeVideoTrack } from '../fake_native.js';
import { makeAudio, makeVideo } from '../h264_fixture.js';
import { useTemporaryFolder } from '../temporary_folder.js';

const kFrames = 50;

async function writeClip(path: string, audio: boolean): Promise<void> {
  const video = { width: 64, height: 48, codec: 'avc1.42c01f' };
  const file = await Mp4File.create(path, { video, audio });
  for (let i = 0; i < kFrames; i++) {
    await file.add(makeVideo(i, i % 25 === 0));
    if (audio) await file.add(makeAudio(2 * i));
  }
  await file.finish();
}

describe('clip source', () => {
  const temporary = useTemporaryFolder();
  let fake: FakeNative;

  before(async () => {
    await writeClip(temporary('clip.mp4'), false);
    await writeClip(temporary('sound.mp4'), true);
  });
  beforeEach(() => injectNative((fake = new FakeNative())));
  afterEach(() => injectNative(undefined));

  const inner = (): FakeVideoTrack => fake.videoTracks[0] as FakeVideoTrack;

  it('gives every frame in order with start codes and parameter sets', async () => {
    const track = await openSource(`file:${temporary('clip.mp4')}`);
    await new Promise<void>((resolve) => track.on('ended', resolve));
    const { chunks, source } = inner();
    assert.equal(source.kind === 'clip' && Math.round(source.frameRate), 25);
    assert.equal(chunks.length, kFrames);
    assert.deepEqual([...(chunks[25]?.data ?? [])], [...makeVideo(25, true).data]);
    assert.deepEqual([...(chunks[26]?.data ?? [])], [...makeVideo(26, false).data]);
    chunks.forEach((chunk, i) => {
      assert.ok(Math.abs(chunk.timestamp - i * 40_000) < 50, `${i}: ${chunk.timestamp}`);
      assert.equal(chunk.key, i % 25 === 0);
    });
  });

  it('waits while the track is full', async () => {
    fake.room = 10;
    const track = await openSource(`file:${temporary('clip.mp4')}`);
    const ended = new Promise<void>((resolve) => track.on('ended', resolve));
    for (let taken = 10; taken <= kFrames; taken += 10) {
      while (inner().chunks.length < taken) await new Promise((resolve) => setImmediate(resolve));
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(inner().chunks.length, taken);
      inner().room = 10;
      inner().event({ type: 'drain' });
    }
    await ended;
  });

  it('goes on in time when it loops, until it is stopped', async () => {
    const track = await openSource(`file:${temporary('clip.mp4')}`, { loop: true });
    await new Promise<void>((resolve) => {
      inner().onPush = () => {
        if (inner().chunks.length === 120) resolve();
      };
    });
    track.stop();
    const { chunks } = inner();
    assert.ok(Math.abs((chunks[110]?.timestamp ?? 0) - 110 * 40_000) < 500);
    assert.equal(chunks[100]?.key, true);
    const count = chunks.length;
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(inner().chunks.length, count);
  });

  it('warns of sound that it does not read', async () => {
    const track = await openSource(`file:${temporary('sound.mp4')}`);
    const code = await new Promise((resolve) => track.on('warning', (warning) => resolve(warning.code)));
    assert.equal(code, 'ERR_AUDIO_IGNORED');
  });

  it('names the file and what is wrong with it', async () => {
    const whole = readFileSync(temporary('clip.mp4'));
    writeFileSync(temporary('empty.mp4'), '');
    writeFileSync(temporary('text.mp4'), 'This is no film at all, only some text.');
    writeFileSync(temporary('noindex.mp4'), whole.subarray(0, whole.readUInt32BE(0)));
    writeFileSync(temporary('zeros.mp4'), Buffer.alloc(4096));
    mkdirSync(temporary('folder.mp4'));
    const cases: [string, string][] = [
      ['missing.mp4', 'ERR_FILE_NOT_FOUND'],
      ['empty.mp4', 'ERR_FILE_EMPTY'],
      ['text.mp4', 'ERR_NOT_MEDIA'],
      ['zeros.mp4', 'ERR_NOT_MEDIA'],
      ['noindex.mp4', 'ERR_FILE_TRUNCATED'],
      ['folder.mp4', 'ERR_FILE_UNREADABLE'],
      ['missing.wav', 'ERR_FILE_NOT_FOUND'],
      ['missing.y4m', 'ERR_FILE_NOT_FOUND'],
    ];
    for (const [name, code] of cases) {
      const path = temporary(name);
      await assert.rejects(openSource(`file:${path}`), (error: Error & { code?: string; path?: string }) => {
        assert.deepEqual([error.code, error.path, error.message.startsWith(path)], [code, path, true]);
        assert.equal(error.message.includes('\n'), false);
        return true;
      });
    }
  });

  it('refuses a truncated file, wherever it is cut', async () => {
    const whole = readFileSync(temporary('clip.mp4'));
    // Within the index; a later cut leaves whole fragments, which play.
    for (const size of [12, 40, 200, 500]) {
      writeFileSync(temporary('cut.mp4'), whole);
      truncateSync(temporary('cut.mp4'), size);
      await assert.rejects(
        openSource(`file:${temporary('cut.mp4')}`),
        { code: 'ERR_FILE_TRUNCATED' },
        `${size}`,
      );
    }
  });

  it('plays the whole fragments of a recording that was cut off', async () => {
    const whole = readFileSync(temporary('clip.mp4'));
    writeFileSync(temporary('killed.mp4'), whole.subarray(0, whole.lastIndexOf('moof') + 20));
    const track = await openSource(`file:${temporary('killed.mp4')}`);
    await new Promise<void>((resolve) => track.on('ended', resolve).on('error', () => resolve()));
    assert.equal(inner().chunks.length, 25);
  });

  it('refuses damaged files without harm', async () => {
    const whole = readFileSync(temporary('clip.mp4'));
    const index = whole.indexOf('avcC');
    for (let i = 0; i < 60; i++) {
      const damaged = Buffer.from(whole);
      damaged[index + i] = (damaged[index + i] ?? 0) ^ 0xff;
      writeFileSync(temporary('damaged.mp4'), damaged);
      const track = await openSource(`file:${temporary('damaged.mp4')}`).catch(
        (error: Error & { code: string }) => {
          assert.match(error.code, /^ERR_/);
        },
      );
      track?.on('error', ({ code }) => assert.match(code, /^ERR_/));
      track?.stop();
    }
  });
});
