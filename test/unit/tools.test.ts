import assert from 'node:assert/strict';
import { injectNative } from '#src/binding.js';
import { EmulatedLink, imageQuality, listDevices } from '#src/index.js';
import { FakeNative } from '../fake_native.js';

describe('EmulatedLink', () => {
  let fake: FakeNative;
  beforeEach(() => injectNative((fake = new FakeNative())));
  afterEach(() => injectNative(undefined));

  it('keeps what a change of conditions does not name', () => {
    const link = EmulatedLink.open({ targetPort: 5004, lossPercent: 5, delayMs: 40 });
    link.setConditions({ lossPercent: 10 });
    assert.deepEqual(fake.links[0]?.conditions, { lossPercent: 10, delayMs: 40, jitterMs: 0 });
    assert.deepEqual([link.port, link.counters().lost], [40_000, 5]);
    link.close();
    assert.equal(fake.links[0]?.closed, 1);
  });

  it('checks its options', () => {
    assert.throws(() => EmulatedLink.open({ targetPort: 0 }), RangeError);
    assert.throws(() => EmulatedLink.open({ targetPort: 1, lossPercent: 101 }), RangeError);
    assert.throws(() => EmulatedLink.open({ targetPort: 1, seed: 0.5 }), RangeError);
    assert.equal(fake.links.length, 0);
  });
});

describe('imageQuality', () => {
  before(() => injectNative(new FakeNative()));
  after(() => injectNative(undefined));

  it('checks the sizes of both pictures', () => {
    const picture = new Uint8Array((16 * 16 * 3) / 2);
    assert.deepEqual(imageQuality(picture, picture, 16, 16), { mse: 0, ssim: 1 });
    assert.throws(() => imageQuality(picture, picture.subarray(1), 16, 16), RangeError);
    assert.throws(() => imageQuality(picture, picture, 1.5, 16), RangeError);
    assert.throws(() => imageQuality('x' as never, picture, 16, 16), TypeError);
    assert.deepEqual(listDevices(), []);
  });
});
