import assert from 'node:assert/strict';
import { makeReport } from '#src/stats.js';

describe('StatsReport', () => {
  const report = makeReport(
    {
      timestamp: 1,
      outboundVideo: { ssrc: 7, packetsSent: 3 },
      inboundAudio: { ssrc: 8, packetsReceived: 4 },
      transport: {},
    },
    1234,
  );

  it('has an entry for each group that is there', () => {
    assert.deepEqual([...report.keys()], ['outbound-video', 'inbound-audio', 'transport']);
    assert.deepEqual(report.get('outbound-video'), {
      id: 'outbound-video',
      type: 'outbound-rtp',
      kind: 'video',
      timestamp: 1234,
      ssrc: 7,
      packetsSent: 3,
    });
  });

  it('finds by type and kind', () => {
    assert.equal(report.find('inbound-rtp', 'audio')?.ssrc, 8);
    assert.equal(report.find('inbound-rtp', 'video'), undefined);
    assert.equal(report.find('transport')?.id, 'transport');
  });

  it('becomes JSON', () => {
    const copy = JSON.parse(JSON.stringify(report)) as Record<string, { ssrc: number }>;
    assert.equal(copy['inbound-audio']?.ssrc, 8);
  });
});
