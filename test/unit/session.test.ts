import assert from 'node:assert/strict';
import { injectNative } from '#src/binding.js';
import { generateKey } from '#src/key.js';
import { openCamera, openSource } from '#src/open_source.js';
import { createSession } from '#src/session.js';
import type { Receiver } from '#src/receiver.js';
import type { Session } from '#src/session.js';
import { fakeFrame, FakeNative, nativeFailure } from '../fake_native.js';
import type { FakeSession } from '../fake_native.js';

const kKey = generateKey();
const kUrl = 'udp://127.0.0.1:5004';

describe('Session', () => {
  let fake: FakeNative;
  let session: Session;
  let inner: FakeSession;

  beforeEach(async () => {
    fake = new FakeNative();
    injectNative(fake);
    session = await createSession();
    inner = fake.sessions[0] as FakeSession;
  });
  afterEach(async () => {
    await session.close();
    injectNative(undefined);
  });

  it('sends tracks with checked bitrates', async () => {
    const video = await session.addTrack(await openSource('pattern:'), {
      maxBitrate: 600_000,
      keyFrameInterval: 2,
    });
    const audio = await session.addTrack(await openSource('tone:'));
    await session.publish(kUrl, { key: kKey });
    assert.deepEqual(inner.calls.slice(0, 2), [
      ['addVideo', { maxBitrate: 600_000, keyFrameInterval: 2_000_000 }],
      ['addAudio', { maxBitrate: 48_000 }],
    ]);
    const key = new Uint8Array(Buffer.from(kKey, 'hex'));
    assert.deepEqual(inner.calls[2], ['publish', { host: '127.0.0.1', port: 5004, key }]);
    video.setParameters({ maxBitrate: 300_000 });
    assert.deepEqual(inner.calls[3], ['setBitrate', 1, 300_000]);
    assert.deepEqual(video.getParameters(), { maxBitrate: 300_000 });
    assert.throws(() => video.setParameters({ maxBitrate: 0 }), RangeError);
    assert.equal(audio.getParameters().maxBitrate, 48_000);
  });

  it('refuses wrong arguments before the addon sees them', async () => {
    const track = await openSource('pattern:');
    await assert.rejects(session.addTrack(track, { maxBitrate: -3 }), RangeError);
    await assert.rejects(session.addTrack({} as typeof track), TypeError);
    await assert.rejects(session.publish(kUrl, { key: kKey }), { code: 'ERR_INVALID_STATE' });
    await session.addTrack(track);
    await assert.rejects(session.addTrack(await openSource('pattern:')), { code: 'ERR_INVALID_STATE' });
    await assert.rejects(session.publish('http://x', { key: kKey }), RangeError);
    await assert.rejects(session.publish('udp://127.0.0.1:0', { key: kKey }), RangeError);
    await assert.rejects(session.publish(kUrl, { key: 'short' }), RangeError);
    assert.equal(inner.calls.length, 1);
  });

  it('has one link, and can try again after a failure', async () => {
    inner.failure = nativeFailure('ERR_ADDRESS_IN_USE', 98, 'bind');
    await assert.rejects(session.subscribe(kUrl, { key: kKey }), {
      name: 'MediaError',
      code: 'ERR_ADDRESS_IN_USE',
    });
    inner.failure = undefined;
    await session.subscribe(kUrl, { key: kKey, videoFile: 'a.y4m' });
    assert.deepEqual(inner.calls.at(-1)?.[2], { videoFile: 'a.y4m' });
    await assert.rejects(session.subscribe(kUrl, { key: kKey }), { code: 'ERR_INVALID_STATE' });
  });

  it('gives one receiver for each kind, also when the sender starts again', async () => {
    const receivers: Receiver[] = [];
    const starts: number[] = [];
    session.on('track', (receiver) => receivers.push(receiver));
    session.on('streamstart', ({ ssrc }) => starts.push(ssrc));
    inner.event({ type: 'streamstart', kind: 'video', ssrc: 1 });
    inner.event({ type: 'streamstop', kind: 'video', ssrc: 1, reason: 'timeout' });
    inner.event({ type: 'streamstart', kind: 'video', ssrc: 2 });
    assert.deepEqual(starts, [1, 2]);
    assert.equal(receivers.length, 1);
    const [receiver] = receivers;
    assert.ok(receiver?.kind === 'video');
    const frames = receiver.frames();
    inner.frameCallback?.(fakeFrame(9));
    assert.equal(((await frames.next()).value as { rtpTimestamp: number }).rtpTimestamp, 9);
    await session.close();
    assert.equal((await frames.next()).done, true);
  });

  it('passes on warnings, errors and the end of a track', async () => {
    const seen: unknown[] = [];
    const sender = await session.addTrack(await openSource('pattern:'));
    sender.on('ended', () => seen.push('ended'));
    session.on('warning', ({ code, count }) => seen.push([code, count]));
    session.on('error', (error) => seen.push(error.code));
    inner.event({ type: 'warning', code: 'ERR_AUTHENTICATION_FAILED', message: 'm', count: 3 });
    inner.event({
      type: 'error',
      error: nativeFailure('ERR_DEVICE_LOST', 19) as never,
    });
    inner.event({ type: 'sent', id: 1 });
    assert.deepEqual(seen, [['ERR_AUTHENTICATION_FAILED', 3], 'ERR_DEVICE_LOST', 'ended']);
  });

  it('emits nothing after close, closes once, and keeps its last statistics', async () => {
    const seen: string[] = [];
    session.on('warning', () => seen.push('warning')).on('close', () => seen.push('close'));
    inner.stats = { timestamp: 1, transport: { packetsSent: 5 } };
    const closing = session.close();
    assert.equal(session.close(), closing);
    await closing;
    inner.event({ type: 'warning', code: 'X', message: 'm', count: 1 });
    assert.deepEqual(seen, ['close']);
    assert.equal(inner.closed, 1);
    assert.equal((await session.getStats()).find('transport')?.packetsSent, 5);
    assert.deepEqual(session.readTrace(), []);
    await assert.rejects(session.addTrack(await openSource('pattern:')), { code: 'ERR_INVALID_STATE' });
  });

  it('sends what is on its way before it closes', async () => {
    await session.addTrack(await openSource('pattern:'));
    await session.publish(kUrl, { key: kKey });
    await Promise.all([session.drain(), session.close()]);
    assert.deepEqual([inner.drained, inner.closed], [1, 1]);
  });

  it('closes when its signal aborts', async () => {
    const controller = new AbortController();
    const other = await createSession({ signal: controller.signal });
    const closed = new Promise<void>((resolve) => other.on('close', resolve));
    controller.abort();
    await closed;
    assert.equal(fake.sessions[1]?.closed, 1);
    await assert.rejects(createSession({ signal: controller.signal }), { name: 'AbortError' });
  });

  it('closes at the end of a block', async () => {
    {
      await using inBlock = await createSession();
      assert.ok(inBlock);
    }
    assert.equal(fake.sessions[1]?.closed, 1);
  });
});

describe('tracks', () => {
  let fake: FakeNative;
  beforeEach(() => injectNative((fake = new FakeNative())));
  afterEach(() => injectNative(undefined));

  it('open with the settings of their word', async () => {
    await openSource('pattern:?width=320&height=240&frameRate=15', { paced: false });
    await openSource('tone:?channels=1');
    const camera = await openCamera({ width: 1280, height: 720 });
    assert.deepEqual(
      fake.videoTracks.map(({ source }) => source),
      [
        { kind: 'pattern', width: 320, height: 240, frameRate: 15, paced: false },
        { kind: 'camera', path: '/dev/video0', width: 1280, height: 720, frameRate: 30 },
      ],
    );
    assert.deepEqual(fake.audioTracks[0]?.source, { kind: 'tone', channels: 1, paced: true });
    assert.deepEqual([camera.kind, camera.label, camera.readyState], ['video', 'camera:/dev/video0', 'live']);
    await assert.rejects(openCamera({ width: 0 }), RangeError);
    await assert.rejects(openSource('nothing'), { code: 'ERR_UNKNOWN_SOURCE' });
  });

  it('end once, with or without an error', async () => {
    const seen: string[] = [];
    const track = await openSource('pattern:');
    track.on('ended', () => seen.push('ended')).on('error', ({ code }) => seen.push(code));
    const inner = fake.videoTracks[0];
    inner?.event({ type: 'error', error: nativeFailure('ERR_DEVICE_LOST') as never });
    inner?.event({ type: 'ended' });
    assert.deepEqual(seen, ['ERR_DEVICE_LOST']);
    assert.equal(track.readyState, 'ended');
  });

  it('are silent after stop(), and their readers end', async () => {
    const seen: string[] = [];
    const track = await openSource('tone:');
    track.on('ended', () => seen.push('ended'));
    track.stop();
    track.stop();
    fake.audioTracks[0]?.event({ type: 'ended' });
    assert.deepEqual(seen, []);
    assert.ok((fake.audioTracks[0]?.closed ?? 0) >= 1);
  });
});
