import assert from 'node:assert/strict';
import { matchFrames, parseTrace, percentile, psnr, round, slope } from '#src/bench/statistics.js';
import { overheadPercent } from '#src/bench/stream.js';

describe('bench statistics', () => {
  it('percentile takes the nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    assert.equal(percentile(values, 50), 3);
    assert.equal(percentile(values, 95), 5);
    assert.equal(percentile(values, 0), 1);
    assert.equal(percentile([], 50), null);
    assert.deepEqual(values, [5, 1, 4, 2, 3]);
  });

  it('psnr follows its definition and is bounded', () => {
    assert.equal(round(psnr(1), 2), 48.13);
    assert.equal(psnr(0), 100);
  });

  it('reads traces by the names of their columns', () => {
    const csv = 'doneTime,bytes,rtpTimestamp,captureTime,mediaTime\n50,900,7,10,0\n-1,0,8,20,33333\n';
    assert.deepEqual(parseTrace(csv), [
      { rtpTimestamp: 7, captureTime: 10, mediaTime: 0, doneTime: 50 },
      { rtpTimestamp: 8, captureTime: 20, mediaTime: 33333, doneTime: -1 },
    ]);
    assert.throws(() => parseTrace('bytes\n1\n'), /no column rtpTimestamp/);
  });

  it('matches decoded frames by RTP timestamp, in the order of decoding', () => {
    const sent = [
      { rtpTimestamp: 4294966296, captureTime: 1000, mediaTime: 0, doneTime: 1500 },
      { rtpTimestamp: 2000, captureTime: 34000, mediaTime: 33333, doneTime: 34500 },
      { rtpTimestamp: 5000, captureTime: 67000, mediaTime: 66667, doneTime: 67500 },
    ];
    const received = [
      { rtpTimestamp: 5000, captureTime: -1, mediaTime: -1, doneTime: 120000 },
      { rtpTimestamp: 4294966296, captureTime: -1, mediaTime: -1, doneTime: 51000 },
      { rtpTimestamp: 2000, captureTime: -1, mediaTime: -1, doneTime: -1 },
      { rtpTimestamp: 8000, captureTime: -1, mediaTime: -1, doneTime: 150000 },
    ];
    assert.deepEqual(matchFrames(sent, received), [
      { mediaTime: 0, latencyMs: 50 },
      { mediaTime: 66667, latencyMs: 53 },
      undefined,
    ]);
  });

  it('slope is that of the least-squares line', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: 100 + 2 * x + (x % 2 === 0 ? 1 : -1) }));
    assert.equal(round(slope(points), 2), 1.6);
    assert.equal(slope([{ x: 1, y: 5 }]), 0);
    assert.equal(
      slope([
        { x: 1, y: 5 },
        { x: 1, y: 9 },
      ]),
      0,
    );
  });

  it('overhead counts repair and retransmission with their headers', () => {
    const video = {
      mediaBytesSent: 10_000 - 120,
      mediaPacketsSent: 10,
      fecBytesSent: 1000 - 24,
      fecPacketsSent: 2,
      retransmittedBytesSent: 500 - 12,
      retransmittedPacketsSent: 1,
    };
    assert.equal(overheadPercent(video), 15);
    assert.equal(overheadPercent({}), 0);
  });
});
