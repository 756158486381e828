import assert from 'node:assert/strict';
import { describeAvc, isDecodable, parseAvcConfig, toAnnexB } from '#src/h264.js';
import { findSps, parseSps } from '#src/h264_sps.js';
import { kPps, makeSps, makeVideo } from '../h264_fixture.js';

const kStart = [0, 0, 0, 1];

function makeRecord(sps: Uint8Array, pps: Uint8Array): Uint8Array {
  return Uint8Array.from([1, 66, 0xc0, 31, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, pps.length, ...pps]);
}

describe('H.264 in MP4', () => {
  const sps = makeSps(640, 360);
  const record = makeRecord(sps, kPps);

  it('parses the decoder configuration', () => {
    const config = parseAvcConfig(record);
    assert.equal(config?.lengthSize, 4);
    assert.deepEqual([...config.parameterSets], [...kStart, ...sps, ...kStart, ...kPps]);
  });

  it('refuses every cut configuration', () => {
    for (let length = 0; length < record.length; length++) {
      assert.equal(parseAvcConfig(record.subarray(0, length)), undefined, `${length} bytes`);
    }
  });

  it('knows what the built-in decoder decodes', () => {
    const cases: [number, number[], string, boolean][] = [
      [66, [], 'H.264 Baseline (8-bit 4:2:0)', true],
      [77, [0xff, 0xff, 0xff], 'H.264 Main (8-bit 4:2:0)', true],
      [100, [], 'H.264 High (8-bit 4:2:0)', true],
      [100, [0xfd, 0xf8, 0xf8, 0], 'H.264 High (8-bit 4:2:0)', true],
      [100, [0xfc, 0xf8, 0xf8, 0], 'H.264 High (8-bit 4:0:0)', false],
      [100, [0xfd, 0xf8, 0xfa, 0], 'H.264 High (10-bit 4:2:0)', false],
      [110, [0xfd, 0xfa, 0xfa, 0], 'H.264 High 10 (10-bit 4:2:0)', false],
      [244, [0xff, 0xf8, 0xf8, 0], 'H.264 High 4:4:4 Predictive (8-bit 4:4:4)', false],
      [118, [], 'H.264 profile 118 (8-bit 4:2:0)', false],
    ];
    for (const [profile, rest, text, decodable] of cases) {
      const config = parseAvcConfig(Uint8Array.from([1, profile, ...record.subarray(2), ...rest]));
      assert.ok(config);
      assert.deepEqual([describeAvc(config), isDecodable(config)], [text, decodable]);
    }
  });

  it('puts the parameter sets in front of key frames that lack them', () => {
    const config = parseAvcConfig(record);
    assert.ok(config);
    const packet = Uint8Array.from([0, 0, 0, 2, 0x65, 1]);
    assert.deepEqual([...(toAnnexB(packet, config, false) ?? [])], [...kStart, 0x65, 1]);
    assert.deepEqual(
      [...(toAnnexB(packet, config, true) ?? [])],
      [...config.parameterSets, ...kStart, 0x65, 1],
    );
    const own = Uint8Array.from([0, 0, 0, 1, 0x67, 0, 0, 0, 1, 0x65]);
    assert.deepEqual([...(toAnnexB(own, config, true) ?? [])], [...kStart, 0x67, ...kStart, 0x65]);
  });

  it('refuses wrong lengths', () => {
    const config = parseAvcConfig(record);
    assert.ok(config);
    for (const bytes of [[], [0], [0, 0, 0, 9, 1], [0xff, 0xff, 0xff, 0xff, 1], [0, 0, 0, 1, 1, 0, 0]]) {
      assert.equal(toAnnexB(Uint8Array.from(bytes), config, false), undefined, String(bytes));
    }
  });
});

describe('SPS', () => {
  it('gives size and codec name', () => {
    const cases: [number, number][] = [
      [640, 360],
      [1280, 720],
      [320, 192],
      [1920, 1080],
      [16, 16],
    ];
    for (const [width, height] of cases) {
      assert.deepEqual(parseSps(makeSps(width, height)), { width, height, codec: 'avc1.42c01f' });
    }
  });

  it('reads a High profile SPS of a common encoder', () => {
    const sps = Buffer.from('6764001eacd940a02ff9610000030001000003003c8f162d96', 'hex');
    assert.deepEqual(parseSps(sps), { width: 640, height: 360, codec: 'avc1.64001e' });
  });

  it('finds the SPS between other units', () => {
    const sps = findSps(makeVideo(0, true, 640, 360).data);
    assert.deepEqual([...(sps ?? [])], [...makeSps(640, 360)]);
    assert.equal(findSps(makeVideo(1, false).data), undefined);
  });

  it('refuses an SPS that is cut', () => {
    const sps = makeSps(640, 360);
    for (let length = 0; length < sps.length - 1; length++)
      assert.equal(parseSps(sps.subarray(0, length)), undefined);
  });
});
