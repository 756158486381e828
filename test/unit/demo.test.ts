import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { injectNative } from '#src/binding.js';
import type { Result } from '#src/cli/demo/children.js';
import { collectFigures, describeFigures } from '#src/cli/demo/figures.js';
import { chooseSpread, drawPicture, findPairs, toRgb } from '#src/cli/demo/picture.js';
import { makeReport } from '#src/stats.js';
import type { NativeStats } from '#src/native.js';
import { FakeNative } from '../fake_native.js';
import { useTemporaryFolder } from '../temporary_folder.js';

function makeResult(stats: Partial<NativeStats>): Result {
  return { seconds: 20, files: [], stats: makeReport({ timestamp: 0, ...stats }, 0).toJSON() };
}

/** A grey I420 picture. */
function makeGrey(width: number, height: number, luma: number): Uint8Array {
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  return data.fill(luma, 0, width * height);
}

describe('demo', () => {
  const temporary = useTemporaryFolder();
  before(() => injectNative(new FakeNative()));
  after(() => injectNative(undefined));

  it('computes the figures of both ends', () => {
    const sent = makeResult({
      outboundVideo: { framesSent: 600, mediaBytesSent: 900, fecBytesSent: 200, retransmittedBytesSent: 50 },
      outboundAudio: { mediaBytesSent: 100 },
    });
    const received = makeResult({
      inboundVideo: {
        framesDecoded: 599,
        packetsLost: 60,
        fecRecovered: 50,
        rtxRecovered: 9,
        latencyP50: 0.09,
        latencyP95: 0.12,
      },
      inboundAudio: { packetsReceived: 1000, concealedSamples: 10, totalSamplesReceived: 1000 },
      transport: { avSkewP95: 0.012 },
    });
    const figures = collectFigures(sent, received, { sent: 2000, lost: 100, delivered: 1900 });
    assert.deepEqual([figures.lossPercent, figures.overheadPercent, figures.concealedPercent], [5, 25, 1]);
    const text = Object.fromEntries(describeFigures(figures));
    assert.equal(text['Frames'], '599 of 600 decoded (99.8 %)');
    assert.equal(text['Freezes'], 'none');
    assert.match(text['Packets'] ?? '', /60 lost.*50.*9.*1 missing/);
    assert.match(text['Latency'] ?? '', /90 ms.*120 ms/);
    assert.match(text['Sound'] ?? '', /within 12 ms/);
  });

  it('has figures when nothing was received', () => {
    const figures = collectFigures(makeResult({}), makeResult({}), { sent: 0, lost: 0, delivered: 0 });
    assert.equal(figures.lossPercent, 0);
    assert.deepEqual(
      describeFigures(figures).map(([label]) => label),
      ['Frames', 'Freezes', 'Packets', 'Cost'],
    );
  });

  it('spreads the chosen frames', () => {
    assert.deepEqual(chooseSpread([1, 2, 3, 4, 5, 6, 7], 3), [1, 4, 7]);
    assert.deepEqual(chooseSpread([1, 2], 3), [1, 2]);
  });

  it('converts colours', () => {
    const white = toRgb({ width: 2, height: 2, data: makeGrey(2, 2, 235) });
    const black = toRgb({ width: 2, height: 2, data: makeGrey(2, 2, 16) });
    assert.ok(white.every((value) => value >= 254) && black.every((value) => value === 0));
    const red = toRgb({ width: 2, height: 2, data: Uint8Array.from([81, 81, 81, 81, 90, 240]) });
    assert.ok((red[0] ?? 0) > 250 && (red[1] ?? 255) < 5 && (red[2] ?? 255) < 5);
  });

  it('pairs what both ends saved and draws it', async () => {
    for (const [folder, times] of [
      ['sent', [180_000, 360_000, 540_000]],
      ['received', [180_001, 540_000]],
    ] as const) {
      mkdirSync(temporary(folder));
      for (const time of times) {
        const size = { rtpTimestamp: time, width: 64, height: 48 };
        writeFileSync(temporary(`${folder}/${time}.json`), JSON.stringify(size));
        writeFileSync(temporary(`${folder}/${time}.i420`), makeGrey(64, 48, 128));
      }
    }
    const pairs = await findPairs(temporary('sent'), temporary('received'));
    assert.deepEqual(
      pairs.map(({ rtpTimestamp }) => rtpTimestamp),
      [180_001, 540_000],
    );
    const path = temporary('picture.png');
    await drawPicture(path, pairs, 'Title & <figures>', [['Frames', '1 of 1']]);
    const { width, height, format } = await sharp(path).metadata();
    assert.ok(format === 'png' && width > 1000 && height > 800);
    assert.deepEqual(await findPairs(temporary('none'), temporary('received')), []);
  });
});
