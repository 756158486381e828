import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { nearest, parseOptions, UsageError } from '#src/cli/args.js';
import type { OptionSpecs } from '#src/cli/args.js';
import { formatTable } from '#src/cli/devices.js';
import { checkDevices, checkRealtime, checkSocketBuffer } from '#src/cli/doctor.js';
import { describeReceiving, describeSending, lossPercent, RateMeter } from '#src/cli/progress.js';
import { checkInputs, defaultInputs } from '#src/cli/send.js';
import { rtpTimestampAt, saveSnapshots, SnapshotPicker } from '#src/cli/snapshots.js';
import { formatRecord } from '#src/cli/trace_file.js';
import { makeReport } from '#src/stats.js';
import { fakeFrame } from '../fake_native.js';
import { useTemporaryFolder } from '../temporary_folder.js';

const kSpecs: OptionSpecs = {
  to: { value: 'URL', help: '' },
  input: { value: 'WORD', multiple: true, help: '' },
  seconds: { value: 'N', help: '' },
  play: { value: 'DEVICE', optional: true, help: '' },
  json: { help: '' },
};

describe('options', () => {
  it('takes values, switches, repeated and optional ones', () => {
    const args = [
      '--to',
      'udp://a:1',
      '--input=pattern:',
      '--input',
      'tone:',
      '--json',
      '--play',
      '--seconds',
      '2.5',
    ];
    const options = parseOptions(args, kSpecs);
    assert.equal(options.text('to'), 'udp://a:1');
    assert.deepEqual(options.all('input'), ['pattern:', 'tone:']);
    assert.deepEqual([options.has('json'), options.has('play'), options.text('play')], [true, true, '']);
    assert.equal(options.number('seconds', 0, 10), 2.5);
    assert.equal(parseOptions(['--play', 'hw:1'], kSpecs).text('play'), 'hw:1');
    assert.equal(parseOptions(['--play=hw:1'], kSpecs).text('play'), 'hw:1');
  });

  it('says what is wrong, and what was meant', () => {
    const cases: [string[], RegExp][] = [
      [['--secnods', '3'], /unknown option "--secnods"; did you mean "--seconds"\?/],
      [['--quite-different'], /unknown option "--quite-different"; known: --to/],
      [['stray'], /"stray" is not expected here/],
      [['--to'], /--to expects URL after it/],
      [['--to', '--json'], /--to expects URL after it/],
      [['--to', 'a', '--to', 'b'], /--to is given twice/],
      [['--json=yes'], /--json takes no value/],
    ];
    for (const [args, message] of cases) {
      assert.throws(
        () => parseOptions(args, kSpecs),
        (error: Error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          return true;
        },
      );
    }
    for (const value of ['', 'x', '-1', '11', 'NaN']) {
      assert.throws(
        () => parseOptions([`--seconds=${value}`], kSpecs).number('seconds', 0, 10),
        /from 0 to 10/,
        value,
      );
    }
  });

  it('knows what is near', () => {
    assert.equal(nearest('recieve', ['send', 'receive', 'doctor']), 'receive');
    assert.equal(nearest('xyzzy', ['send', 'receive']), undefined);
  });
});

describe('send', () => {
  it('takes camera and microphone if they are there, and says so', () => {
    const camera = { kind: 'camera', path: '/dev/video0', name: 'Cam', driver: 'uvc' } as const;
    const microphone = { kind: 'microphone', path: 'hw:1,0', name: 'Mic', driver: 'usb' } as const;
    assert.deepEqual(defaultInputs([camera, microphone]).inputs, ['camera:/dev/video0', 'mic:hw:1,0']);
    assert.deepEqual(defaultInputs([camera]), {
      inputs: ['camera:/dev/video0', 'tone:'],
      text: 'Input: camera:/dev/video0 and tone: (no microphone found)',
    });
    assert.deepEqual(defaultInputs([]).inputs, ['pattern:', 'tone:']);
  });

  it('refuses two inputs of one kind', () => {
    checkInputs(['tone:', 'pattern:']);
    assert.throws(() => checkInputs(['tone:', 'mic:']), UsageError);
    assert.throws(() => checkInputs(['pattern:', 'file:a.mp4']), UsageError);
  });
});

describe('snapshots', () => {
  const temporary = useTemporaryFolder();

  it('picks the same frames at both ends, though one misses some', () => {
    const times = Array.from({ length: 900 }, (_, i) => (2 ** 32 - 1_000_000 + i * 3003) % 2 ** 32);
    const pick = (list: number[]): number[] => {
      const picker = new SnapshotPicker();
      return list.filter((time) => picker.pick(time));
    };
    const sent = pick(times);
    assert.equal(sent.length, 8);
    for (const time of sent) assert.ok(time % 180_000 < 3003 || time < 3003, `${time}`);
    assert.deepEqual(pick(times.filter((time, i) => i > 5 && (i % 7 !== 0 || sent.includes(time)))), sent);
  });

  it('computes the timestamp of a captured frame', () => {
    const sent = { captureTime: 1_000_000, rtpTimestamp: 2 ** 32 - 100 };
    assert.equal(rtpTimestampAt(1_000_000, sent), 2 ** 32 - 100);
    assert.equal(rtpTimestampAt(1_033_333, sent), 2900);
    assert.equal(rtpTimestampAt(1_000_000 - 33_333, { ...sent, rtpTimestamp: 0 }), 2 ** 32 - 3000);
  });

  it('saves picture and size', async () => {
    const folder = temporary('snapshots');
    // eslint-disable-next-line @typescript-eslint/require-await
    const frames = (async function* () {
      yield* [fakeFrame(1), fakeFrame(180_001), fakeFrame(183_000)];
    })();
    await saveSnapshots(frames, folder);
    assert.equal(readFileSync(`${folder}/180001.i420`).length, 6);
    const size = JSON.parse(readFileSync(`${folder}/180001.json`, 'utf8')) as object;
    assert.deepEqual(size, { rtpTimestamp: 180_001, width: 2, height: 2, damaged: false });
    assert.equal(existsSync(`${folder}/183000.json`), false);
  });
});

describe('progress', () => {
  it('measures rates', () => {
    const meter = new RateMeter();
    assert.equal(meter.update(1000, 0), 0);
    assert.equal(meter.update(76_000, 1000), 600_000);
  });

  it('says how sending and receiving go', () => {
    const values = {
      ssrc: 1,
      packetsReceived: 95,
      packetsLost: 5,
      framesDecoded: 30,
      fecRecovered: 4,
      latencyP50: 0.09,
    };
    const receiving = describeReceiving(makeReport({ timestamp: 0, inboundVideo: values }, 0), 1, 600_000);
    assert.match(receiving, /^1\.0 s {2}600 kbit\/s {2}30 frames {2}loss 5\.0 %.*FEC 4.*latency 90 ms$/);
    assert.match(describeReceiving(makeReport({ timestamp: 0 }, 0), 1, 0), /waiting for a sender/);
    const sending = {
      outboundVideo: { framesSent: 30 },
      remoteInboundVideo: { fractionLost: 0.05, roundTripTime: 0.08 },
    };
    assert.match(
      describeSending(makeReport({ timestamp: 0, ...sending }, 0), 1, 1000),
      /loss 5\.0 % {2}rtt 80 ms$/,
    );
  });

  it('does not count more than all packets as lost', () => {
    assert.equal(lossPercent({ packetsReceived: 0, packetsLost: 0 }), 0);
    assert.equal(lossPercent({ packetsReceived: 10, packetsLost: -2 }), 0);
  });

  it('writes trace lines of numbers', () => {
    const record = {
      rtpTimestamp: 1,
      captureTime: 2,
      mediaTime: 3,
      codedTime: 4,
      doneTime: -1,
      bytes: 5,
      key: true,
      damaged: false,
    };
    assert.equal(formatRecord(record), '1,2,3,4,-1,5,1,0');
  });
});

describe('doctor', () => {
  it('gives a command for whatever is missing', () => {
    const found = [{ kind: 'camera', path: '/dev/video0', name: 'Cam', driver: 'uvc' } as const];
    const checks = [...checkDevices(found), checkRealtime({ allowed: false, reason: 'no rtprio' })];
    assert.deepEqual(
      checks.map(({ state }) => state),
      ['ok', 'missing', 'missing', 'warn'],
    );
    for (const { state, mend } of checks) assert.equal(mend !== undefined, state !== 'ok');
    assert.equal(checkSocketBuffer('rmem_max', '212992\n').mend, 'sudo sysctl -w net.core.rmem_max=1048576');
    assert.equal(checkSocketBuffer('wmem_max', '4194304').state, 'ok');
    assert.equal(checkSocketBuffer('wmem_max', undefined).state, 'warn');
  });

  it('aligns tables', () => {
    const rows = [
      ['a', 'bb'],
      ['ccc', 'd'],
    ];
    assert.equal(formatTable(rows), 'a    bb\nccc  d');
  });
});
