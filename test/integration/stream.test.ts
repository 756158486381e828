/** Streams between two processes, and what may go wrong with them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdirSync, statSync } from 'node:fs';
import { generateKey } from '#src/key.js';
import { useTemporaryFolder } from '../temporary_folder.js';
import { countPackets, decodeErrors, Program, startReceiver, startSender } from './program.js';

/** Passes packets on to `port` and gives each of them to `see`. */
async function openRelay(
  port: number,
  see: (packet: Buffer) => void,
): Promise<{ port: number; close: () => void }> {
  const socket = createSocket('udp4');
  let sender = 0;
  socket.on('message', (packet, from) => {
    if (from.port === port) return socket.send(packet, sender, '127.0.0.1');
    sender = from.port;
    see(packet);
    socket.send(packet, port, '127.0.0.1');
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, close: () => socket.close() };
}

describe('streaming between two processes', function () {
  this.timeout(60_000);
  const temporary = useTemporaryFolder();
  afterEach(() => Program.killAll());

  it('records what was sent, in a file that plays', async () => {
    const path = temporary('stream.mp4');
    const { program, url } = await startReceiver(['--record', path, '--trace', temporary('in.csv')]);
    const sent = await startSender(url, ['--seconds', '3', '--trace', temporary('out.csv')]).ended;
    assert.deepEqual([sent.code, sent.result.reason], [0, 'seconds']);
    await program.line(/^The sender's video ended \(it said goodbye\)/);
    await program.line(/^Recorded /);
    const { code, result } = await program.signal('SIGINT');
    assert.equal(code, 130);
    assert.deepEqual(result.files, [path]);
    const frames = result.stats['inbound-video']?.['framesDecoded'] ?? 0;
    assert.ok(frames >= 40, `${frames} frames`);
    assert.equal((await countPackets(path)).video, frames);
    assert.equal(decodeErrors(path), '');
    for (const name of ['in.csv', 'out.csv']) assert.ok(statSync(temporary(name)).size > 1000);
  });

  it('lets nothing in with a wrong key, and says why, once a second at most', async () => {
    const { program, url } = await startReceiver(['--seconds', '4', '--record', temporary('wrong.mp4')]);
    const sender = startSender(url, [], generateKey());
    const { code, lines, result } = await program.ended;
    await sender.signal('SIGINT');
    assert.equal(code, 1);
    assert.deepEqual(result.files, []);
    assert.equal(result.stats['inbound-video']?.['framesDecoded'] ?? 0, 0);
    const warnings = lines.filter((line) => line.startsWith('Warning:'));
    assert.ok(warnings.length >= 1 && warnings.length <= 5, lines.join('\n'));
    assert.match(warnings[0] ?? '', /key/);
    assert.match(lines.at(-1) ?? '', /nothing was received/);
  });

  it('survives random bytes and replayed packets', async () => {
    const { program, url } = await startReceiver();
    const port = Number(/\d+$/.exec(url)?.[0]);
    const attacker = createSocket('udp4');
    const relay = await openRelay(port, (packet) => {
      attacker.send(packet, port, '127.0.0.1');
      attacker.send(randomBytes(1 + (packet.length % 200)), port, '127.0.0.1');
      const forged = Buffer.from(packet);
      forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
      attacker.send(forged, port, '127.0.0.1');
    });
    const sent = await startSender(`udp://127.0.0.1:${relay.port}`, ['--seconds', '3']).ended;
    await program.line(/^The sender's video ended/);
    const { result } = await program.signal('SIGINT');
    relay.close();
    attacker.close();
    const { 'inbound-video': video, transport } = result.stats;
    assert.equal(video?.['framesDecoded'], sent.result.stats['outbound-video']?.['framesSent']);
    assert.equal(video?.['framesDamaged'], 0);
    assert.ok((transport?.['replayedPackets'] ?? 0) > 10, JSON.stringify(transport));
    assert.ok((transport?.['srtpFailures'] ?? 0) > 10, JSON.stringify(transport));
  });

  it('completes the file of a killed sender, and takes up one that starts again', async () => {
    const path = temporary('killed.mp4');
    const { program, url } = await startReceiver(['--record', path]);
    const first = startSender(url);
    await program.line(/^Recording .*killed\.mp4/);
    await first.line(/^Sending to/);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await first.signal('SIGKILL');
    await program.line(/^The sender's video ended \(nothing came for 2 s\)/);
    await program.line(/^Recorded .*killed\.mp4/);
    assert.ok((await countPackets(path)).video >= 15);
    assert.equal(decodeErrors(path), '');
    const second = startSender(url, ['--seconds', '2']);
    await program.line(/^Recording .*killed-2\.mp4/);
    assert.equal((await second.ended).code, 0);
    await program.line(/^Recorded .*killed-2\.mp4/);
    const { result } = await program.signal('SIGTERM');
    assert.deepEqual(result.files, [path, temporary('killed-2.mp4')]);
    assert.ok((await countPackets(temporary('killed-2.mp4'))).video >= 20);
  });

  it('leaves a playable file when the receiver is killed', async () => {
    const path = temporary('cut.mp4');
    const { program, url } = await startReceiver(['--record', path]);
    const sender = startSender(url);
    await program.line(/^Recording /);
    await new Promise((resolve) => setTimeout(resolve, 3500));
    await program.signal('SIGKILL');
    await sender.signal('SIGINT');
    const { video, audio } = await countPackets(path);
    assert.ok(video >= 20 && audio >= 60, `${video} frames, ${audio} packets of sound`);
  });

  it('goes on without its recording when the disk is full', async function () {
    const folder = temporary('small');
    mkdirSync(folder);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=192k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return this.skip();
    }
    try {
      const path = `${folder}/full.mp4`;
      const { program, url } = await startReceiver(['--record', path]);
      const sender = startSender(url, ['--bitrate', '600000']);
      await program.line(/^Recording stopped: .*disk is full/);
      const before = await countPackets(path);
      assert.ok(before.video >= 10, `${before.video} frames`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      await sender.signal('SIGINT');
      await program.line(/^The sender's video ended/);
      const { code, lines, result } = await program.signal('SIGINT');
      assert.equal(code, 1);
      assert.equal(lines.filter((line) => line.includes('disk is full')).length, 1);
      assert.ok((result.stats['inbound-video']?.['framesDecoded'] ?? 0) > before.video);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});
