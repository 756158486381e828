/** The program: exit codes, messages and signals in every state. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { useTemporaryFolder } from '../temporary_folder.js';
import { kInputs, Program, startReceiver, startSender } from './program.js';

const kNowhere = 'udp://127.0.0.1:9';

describe('the program', function () {
  this.timeout(30_000);
  const temporary = useTemporaryFolder();
  afterEach(() => Program.killAll());

  it('fails with one clear line', async () => {
    writeFileSync(temporary('empty.mp4'), '');
    writeFileSync(temporary('text.mp4'), 'This is not a film.');
    writeFileSync(
      temporary('cut.mp4'),
      Buffer.from('00000018667479706d703432000000006d70343269736f6d0000ffff6d6f6f76', 'hex'),
    );
    writeFileSync(temporary('empty.y4m'), '');
    writeFileSync(temporary('text.y4m'), 'This is not a film.');
    writeFileSync(temporary('text.wav'), 'This is no sound.');
    const send = (word: string): string[] => ['send', '--to', kNowhere, '--input', word];
    const cases: [string[], number, RegExp][] = [
      [send(`file:${temporary('none.mp4')}`), 1, /none\.mp4 does not exist/],
      [send(`file:${temporary('empty.mp4')}`), 1, /empty\.mp4 is empty/],
      [send(`file:${temporary('text.mp4')}`), 1, /text\.mp4 is not an MP4 file/],
      [send(`file:${temporary('cut.mp4')}`), 1, /cut\.mp4 is cut off/],
      [send(`file:${temporary('empty.y4m')}`), 1, /empty\.y4m is empty/],
      [send(`file:${temporary('text.y4m')}`), 1, /text\.y4m/],
      [send(`file:${temporary('text.wav')}`), 1, /text\.wav/],
      [send('camera:/dev/video99'), 1, /\/dev\/video99/],
      [send('screen:'), 1, /Unknown source "screen:".*Known sources/],
      [['send', '--to', 'nowhere'], 2, /Expected an address/],
      [['send'], 2, /--to is needed/],
      [['send', '--to', 'udp://host.invalid:5004', '--input', 'pattern:'], 1, /host\.invalid/],
      [['receive', '--record', temporary('no/such/folder.mp4')], 1, /no\/such does not exist/],
      [['receive', '--record', 'received.avi'], 2, /\.mp4/],
      [['recieve'], 2, /did you mean "receive"/],
      [['receive', '--key', 'short'], 2, /Expected a key/],
    ];
    await Promise.all(
      cases.map(async ([args, expected, message]) => {
        const { code, lines } = await new Program(args).ended;
        assert.deepEqual([code, lines.length], [expected, 1], `${args.join(' ')}: ${lines.join(' | ')}`);
        assert.match(lines[0] ?? '', message);
      }),
    );
  });

  it('names the port that is in use', async () => {
    const { program, url } = await startReceiver();
    const { code, lines } = await new Program(['receive', '--listen', url]).ended;
    assert.deepEqual([code, lines.length], [1, 1]);
    assert.match(lines[0] ?? '', new RegExp(`${/\d+$/.exec(url)?.[0]}.*use|use.*${/\d+$/.exec(url)?.[0]}`));
    await program.signal('SIGINT');
  });

  it('ends in order on signals in every state', async () => {
    const waiting = (await startReceiver()).program;
    assert.equal((await waiting.signal('SIGINT')).code, 130);
    const terminated = (await startReceiver()).program;
    assert.equal((await terminated.signal('SIGTERM')).code, 143);
    const unheard = startSender(kNowhere);
    await unheard.line(/^Sending to/);
    assert.equal((await unheard.signal('SIGINT')).code, 130);
    const { program, url } = await startReceiver();
    const sender = startSender(url);
    await program.line(/^The sender's video began/);
    const receiverEnd = await program.signal('SIGINT');
    assert.deepEqual([receiverEnd.code, receiverEnd.result.reason], [130, 'SIGINT']);
    assert.equal((await sender.signal('SIGTERM')).code, 143);
  });

  it('ends on a signal at any moment of its start', async () => {
    for (const delay of [0, 20, 40, 60, 90, 120]) {
      const program = new Program(['send', '--to', kNowhere, ...kInputs]);
      await new Promise((resolve) => setTimeout(resolve, delay));
      const { code, signal, lines } = await program.signal('SIGINT');
      // Before the program takes signals itself, they end it as they end any other.
      assert.ok(code === 130 || signal === 'SIGINT', `${delay} ms: ${code} ${lines.join(' | ')}`);
    }
  });

  it('says something useful about the machine', async () => {
    for (const command of ['doctor', 'devices', 'version']) {
      assert.equal((await new Program([command]).ended).code, 0, command);
      assert.equal((await new Program([command, '--json']).ended).code, 0, command);
    }
    for (const command of ['send', 'receive', 'devices', 'doctor', 'version']) {
      assert.equal((await new Program([command, '--help']).ended).code, 0, command);
    }
  });

  it('lets the process exit after close(), which may be called twice', async () => {
    const script = `
      import { createSession, openSource, Recorder } from 'boardcast';
      const receiving = await createSession();
      await Recorder.start(receiving, ${JSON.stringify(temporary('twice.mp4'))});
      await receiving.subscribe('udp://127.0.0.1:0', { key: process.env.BOARDCAST_KEY });
      const sending = await createSession();
      const track = await openSource('pattern:?width=320&height=180&frameRate=15');
      await sending.addTrack(track);
      await sending.publish('udp://127.0.0.1:' + receiving.localPort, { key: process.env.BOARDCAST_KEY });
      await new Promise((resolve) => receiving.on('track', resolve));
      for (const session of [sending, receiving]) await Promise.all([session.close(), session.close()]);
      await sending.close();
      track.stop();
      track.stop();
      console.error('closed');`;
    const { code, lines } = await new Program(['--input-type=module', '--eval', script], { script: true })
      .ended;
    assert.deepEqual([code, lines], [0, ['closed']]);
  });
});
