import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { execFileSync } from 'node:child_process';
import { injectNative } from '#src/binding.js';
import { MediaError } from '#src/errors.js';
import { Mp4File } from '#src/mp4_file.js';
import { openSource } from '#src/open_source.js';
import { FakeNative } from '../fake_native.js';
import { makeAudio, makeVideo } from '../h264_fixture.js';
import { useTemporaryFolder } from '../temporary_folder.js';

/** A clip that says to be High 4:4:4 Predictive. */
async function writeForeignClip(path: string): Promise<void> {
  const file = await Mp4File.create(path, {
    video: { width: 64, height: 48, codec: 'avc1.42c01f' },
    audio: true,
  });
  for (let i = 0; i < 30; i++) {
    await file.add(makeVideo(i, i === 0));
    await file.add(makeAudio(i));
  }
  await file.finish();
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('avcC') + 5] = 244;
  writeFileSync(path, bytes);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('clips that ffmpeg decodes', () => {
  const temporary = useTemporaryFolder();
  const { PATH: path = '', TMPDIR: systemFolder } = process.env;
  const kStarts = 'echo "$@" >"$0.args"; echo $$ >"$0.pid"; echo "YUV4MPEG2 W64 H48"; exec sleep 60';
  let clip: string;
  let fake: FakeNative;
  let word: string;

  /** Puts a script in the place of ffmpeg; without one there is none. */
  function useFfmpeg(name: string, script?: string): string {
    const folder = temporary(name);
    mkdirSync(folder);
    if (script === undefined) {
      const mkfifo = execFileSync('which', ['mkfifo'], { encoding: 'utf8' }).trim();
      symlinkSync(mkfifo, `${folder}/mkfifo`);
      process.env['PATH'] = folder;
    } else {
      writeFileSync(`${folder}/ffmpeg`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      process.env['PATH'] = folder + delimiter + path;
    }
    return `${folder}/ffmpeg`;
  }

  before(async () => {
    clip = temporary('lossless.mp4');
    word = `file:${clip}`;
    await writeForeignClip(clip);
    mkdirSync(temporary('tmp'));
  });
  beforeEach(() => {
    injectNative((fake = new FakeNative()));
    process.env['TMPDIR'] = temporary('tmp');
  });
  afterEach(() => {
    injectNative(undefined);
    process.env['PATH'] = path;
    if (systemFolder === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = systemFolder;
    assert.deepEqual(readdirSync(temporary('tmp')), [], 'the FIFO is removed');
  });

  it('go to the addon as Y4M; stop() ends ffmpeg', async () => {
    const ffmpeg = useFfmpeg('runs', kStarts);
    const track = await openSource(word, { loop: true, paced: false });
    const [inner] = fake.videoTracks;
    assert.equal(inner?.source.kind, 'y4m');
    assert.deepEqual([inner.source.loop, inner.source.paced], [false, false]);
    const codes = await new Promise((resolve) => {
      const seen: string[] = [];
      track.on('warning', ({ code }) => seen.push(code) === 2 && resolve(seen));
    });
    assert.deepEqual(codes, ['ERR_DECODED_BY_FFMPEG', 'ERR_AUDIO_IGNORED']);
    const args = readFileSync(`${ffmpeg}.args`, 'utf8');
    assert.ok(args.includes('-stream_loop -1') && args.includes(`-i file:${clip}`), args);
    const pid = Number(readFileSync(`${ffmpeg}.pid`, 'utf8'));
    assert.equal(isRunning(pid), true);
    track.stop();
    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(inner.closed, 1);
  });

  it('fail in the name of the clip, and end ffmpeg', async () => {
    const ffmpeg = useFfmpeg('cut', kStarts);
    const track = await openSource(word);
    const [inner] = fake.videoTracks;
    assert.equal(inner?.source.kind, 'y4m');
    const failed = new Promise<MediaError>((resolve) => track.on('error', resolve));
    const fifo = inner.source.path;
    const message = `${fifo}: the file ends within a frame`;
    inner.event({
      type: 'error',
      error: { code: 'ERR_TRUNCATED', message, errno: 0, syscall: '', path: fifo },
    });
    const error = await failed;
    assert.deepEqual(
      [error.code, error.message, error.path],
      ['ERR_TRUNCATED', `${clip}: the file ends within a frame`, clip],
    );
    const pid = Number(readFileSync(`${ffmpeg}.pid`, 'utf8'));
    while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
  });

  it('fail when a loop ends', async () => {
    useFfmpeg('ends', kStarts);
    const track = await openSource(word, { loop: true });
    const failed = new Promise<MediaError>((resolve) => track.on('error', resolve));
    fake.videoTracks[0]?.event({ type: 'ended' });
    assert.equal((await failed).code, 'ERR_FFMPEG_FAILED');
  });

  it('are refused with the last words of ffmpeg', async () => {
    useFfmpeg('fails', 'echo first words >&2; echo last words >&2; exit 3');
    await assert.rejects(openSource(word), (error) => {
      assert.ok(error instanceof MediaError);
      assert.deepEqual([error.code, error.path], ['ERR_FFMPEG_FAILED', clip]);
      assert.match(error.message, /lossless\.mp4 holds H\.264 High 4:4:4 Predictive.*: last words$/);
      return true;
    });
    assert.equal(fake.videoTracks.length, 0);
  });

  it('are refused without ffmpeg, saying what to do', async () => {
    useFfmpeg('none');
    await assert.rejects(openSource(word), (error) => {
      assert.ok(error instanceof MediaError);
      assert.deepEqual([error.code, error.path], ['ERR_UNSUPPORTED', clip]);
      assert.match(error.message, /H\.264 High 4:4:4 Predictive.*install ffmpeg.*ffmpeg -i IN/);
      return true;
    });
  });
});
