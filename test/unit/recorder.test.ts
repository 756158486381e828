import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { injectNative } from '#src/binding.js';
import type { NativeChunk, NativeSessionEvent } from '#src/native.js';
import { Recorder } from '#src/recorder.js';
import type { RecordedFile } from '#src/recorder.js';
import { createSession } from '#src/session.js';
import type { Session } from '#src/session.js';
import { FakeNative } from '../fake_native.js';
import type { FakeSession } from '../fake_native.js';
import { makeAudio, makeStreams, makeVideo } from '../h264_fixture.js';
import { useTemporaryFolder } from '../temporary_folder.js';

interface Content {
  video: number;
  keys: number;
  audio: number;
  duration: number;
  width: number;
}

/** Reads a file as a player would. */
async function readFileContent(path: string): Promise<Content> {
  const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
  const content = { video: 0, keys: 0, audio: 0, duration: 0, width: 0 };
  for (const track of await input.getTracks()) {
    if (track.isVideoTrack()) content.width = await track.getCodedWidth();
    for await (const packet of new EncodedPacketSink(track).packets()) {
      content[track.type === 'video' ? 'video' : 'audio']++;
      if (track.type === 'video' && packet.type === 'key') content.keys++;
      content.duration = Math.max(content.duration, packet.timestamp + packet.duration);
    }
  }
  input.dispose();
  return content;
}

function streamEvent(type: 'streamstart' | 'streamstop', kind: 'video' | 'audio'): NativeSessionEvent {
  if (type === 'streamstart') return { type, kind, ssrc: 1 };
  return { type, kind, ssrc: 1, reason: 'bye' };
}

describe('Recorder', () => {
  const temporary = useTemporaryFolder();
  let session: Session;
  let inner: FakeSession;

  beforeEach(async () => {
    const fake = new FakeNative();
    injectNative(fake);
    session = await createSession();
    inner = fake.sessions[0] as FakeSession;
  });
  afterEach(async () => {
    await session.close();
    injectNative(undefined);
  });

  const both = (type: 'streamstart' | 'streamstop'): void => {
    inner.event(streamEvent(type, 'video'));
    inner.event(streamEvent(type, 'audio'));
  };
  const give = (chunks: NativeChunk[]): void => inner.chunkCallback?.(chunks);
  /** Gives chunks in turns of the loop, as the addon does, so that the queue is emptied in between. */
  const play = async (chunks: NativeChunk[]): Promise<void> => {
    for (let i = 0; i < chunks.length; i += 75) {
      give(chunks.slice(i, i + 75));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const nextFinish = (recorder: Recorder): Promise<RecordedFile> =>
    new Promise((resolve) => recorder.once('finish', resolve));

  it('writes video and sound as they came', async () => {
    const path = temporary('both.mp4');
    const recorder = await Recorder.start(session, path);
    both('streamstart');
    await play(makeStreams(4, 50));
    await session.close();
    const [file] = recorder.files;
    assert.deepEqual([file?.frames, file?.audioPackets, file?.bytes], [100, 200, statSync(path).size]);
    const content = await readFileContent(path);
    assert.deepEqual([content.video, content.keys, content.audio, content.width], [100, 2, 200, 64]);
    assert.ok(Math.abs(content.duration - 4) < 0.05, `${content.duration}`);
  });

  it('leaves a playable file at any time, without key frames too', async () => {
    const path = temporary('cut.mp4');
    await Recorder.start(session, path);
    both('streamstart');
    await play(makeStreams(6, 1_000_000));
    // Fails by mocha's time limit if the fragments never come.
    for (let content = { video: 0, audio: 0 }; content.video < 100 || content.audio < 200;) {
      await new Promise((resolve) => setImmediate(resolve));
      copyFileSync(path, temporary('copy.mp4'));
      if (statSync(temporary('copy.mp4')).size > 0) content = await readFileContent(temporary('copy.mp4'));
    }
  });

  it('starts at the first key frame and counts what came before', async () => {
    const recorder = await Recorder.start(session, temporary('key.mp4'));
    both('streamstart');
    give([
      makeVideo(0, false),
      makeAudio(0),
      makeVideo(1, false),
      makeVideo(2, true),
      makeAudio(4),
      makeVideo(3, false),
    ]);
    await recorder.stop();
    assert.equal(recorder.dropped.beforeKeyFrame, 3);
    assert.deepEqual([recorder.files[0]?.frames, recorder.files[0]?.audioPackets], [2, 1]);
  });

  it('adds what comes late to the file, and makes no file of strays', async () => {
    const recorder = await Recorder.start(session, temporary('late.mp4'));
    both('streamstart');
    await play(makeStreams(2, 25));
    both('streamstop');
    give([makeAudio(100), makeAudio(101)]);
    const file = await nextFinish(recorder);
    assert.deepEqual([file.frames, file.audioPackets], [50, 102]);
    give([makeAudio(102)]);
    await recorder.stop();
    assert.equal(recorder.files.length, 1);
  });

  it('keeps what comes before the event of its start', async () => {
    const recorder = await Recorder.start(session, temporary('early.mp4'));
    give([makeVideo(0, true), makeAudio(0)]);
    both('streamstart');
    await play(makeStreams(1, 25).slice(2));
    await recorder.stop();
    assert.deepEqual([recorder.files.length, recorder.files[0]?.frames], [1, 25]);
  });

  it('begins a new file for a sender that starts again', async () => {
    const recorder = await Recorder.start(session, temporary('again.mp4'));
    both('streamstart');
    await play(makeStreams(2, 25));
    const first = nextFinish(recorder);
    both('streamstop');
    assert.equal((await first).path, temporary('again.mp4'));
    both('streamstart');
    await play(makeStreams(1, 25));
    await recorder.stop();
    assert.deepEqual(
      recorder.files.map(({ path, frames }) => [path, frames]),
      [
        [temporary('again.mp4'), 50],
        [temporary('again-2.mp4'), 25],
      ],
    );
    assert.equal((await readFileContent(temporary('again-2.mp4'))).video, 25);
  });

  it('begins a new file when a restarted sender was never missed', async () => {
    const recorder = await Recorder.start(session, temporary('swap.mp4'));
    both('streamstart');
    await play(makeStreams(2, 25));
    both('streamstart');
    await play(makeStreams(2, 25));
    await recorder.stop();
    assert.deepEqual(
      recorder.files.map(({ frames }) => frames),
      [50, 50],
    );
  });

  it('begins a new file when the picture changes its size', async () => {
    const recorder = await Recorder.start(session, temporary('size.mp4'));
    inner.event(streamEvent('streamstart', 'video'));
    const frames = Array.from({ length: 60 }, (_, i) => makeVideo(i, i % 30 === 0, i < 30 ? 64 : 128));
    await play(frames);
    await recorder.stop();
    assert.deepEqual(
      recorder.files.map((file) => file.frames),
      [30, 30],
    );
    assert.equal((await readFileContent(temporary('size-2.mp4'))).width, 128);
  });

  it('records sound alone, and a stream shorter than a second', async () => {
    const recorder = await Recorder.start(session, temporary('sound.mp4'));
    inner.event(streamEvent('streamstart', 'audio'));
    give(Array.from({ length: 10 }, (_, i) => makeAudio(i)));
    await recorder.stop();
    const content = await readFileContent(temporary('sound.mp4'));
    assert.deepEqual([content.video, content.audio], [0, 10]);
  });

  it('makes no file when nothing comes', async () => {
    const recorder = await Recorder.start(session, temporary('nothing.mp4'));
    await recorder.stop();
    assert.equal(existsSync(temporary('nothing.mp4')), false);
  });

  it('drops up to the next key frame when the disk is too slow', async () => {
    const recorder = await Recorder.start(session, temporary('slow.mp4'));
    inner.event(streamEvent('streamstart', 'video'));
    give(Array.from({ length: 1000 }, (_, i) => makeVideo(i, i % 100 === 0)));
    await recorder.stop();
    assert.ok(recorder.dropped.overflow > 300);
    assert.equal((recorder.files[0]?.frames ?? 0) + recorder.dropped.overflow, 1000);
  });

  it('refuses names and folders that cannot be', async () => {
    await assert.rejects(Recorder.start(session, 'a.mkv'), RangeError);
    await assert.rejects(Recorder.start(session, temporary('no/folder.mp4')), { code: 'ERR_FILE_NOT_FOUND' });
    await Recorder.start(session, temporary('one.mp4'));
    await assert.rejects(Recorder.start(session, temporary('two.mp4')), { code: 'ERR_INVALID_STATE' });
  });

  it('reports a failing file once and stops', async () => {
    const recorder = await Recorder.start(session, temporary('full.mp4'));
    const errors: string[] = [];
    recorder.on('error', ({ code }) => errors.push(code));
    // A folder stands where the file should be.
    mkdirSync(temporary('full.mp4'));
    both('streamstart');
    await play(makeStreams(3, 25));
    await session.close();
    assert.deepEqual(errors, ['ERR_FILE_UNREADABLE']);
  });
});
