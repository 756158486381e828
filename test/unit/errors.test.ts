import assert from 'node:assert/strict';
import {
  callNative,
  checkInteger,
  checkPositive,
  checkString,
  fromFileError,
  MediaError,
} from '#src/errors.js';
import { nativeFailure } from '../fake_native.js';

describe('errors', () => {
  it('says what was expected, for what, and what came', () => {
    const cases: [() => unknown, new () => Error, string][] = [
      [
        () => checkPositive('maxBitrate', -3),
        RangeError,
        'Expected a positive number for `maxBitrate` but received -3 (number)',
      ],
      [
        () => checkPositive('maxBitrate', '3'),
        TypeError,
        "Expected a positive number for `maxBitrate` but received '3' (string)",
      ],
      [
        () => checkPositive('x', NaN),
        RangeError,
        'Expected a positive number for `x` but received NaN (number)',
      ],
      [
        () => checkInteger('port', 1.5, 0, 9),
        RangeError,
        'Expected a whole number from 0 to 9 for `port` but received 1.5 (number)',
      ],
      [
        () => checkString('path', null),
        TypeError,
        'Expected a non-empty string for `path` but received null',
      ],
      [
        () => checkString('path', {}),
        TypeError,
        'Expected a non-empty string for `path` but received an object of Object',
      ],
    ];
    for (const [call, Kind, message] of cases) {
      assert.throws(call, (error: Error & { code?: string }) => {
        assert.ok(error instanceof Kind);
        assert.equal(error.message, message);
        assert.equal(error.code, 'ERR_INVALID_ARGUMENT');
        return true;
      });
    }
  });

  it('makes a MediaError of what the addon throws', () => {
    const fail = (): never => {
      throw nativeFailure('ERR_ADDRESS_IN_USE', 98, 'bind');
    };
    assert.throws(
      () => callNative(fail),
      (error: MediaError) => {
        assert.ok(error instanceof MediaError);
        assert.deepEqual([error.code, error.errno, error.syscall], ['ERR_ADDRESS_IN_USE', 98, 'bind']);
        assert.equal(error.path, undefined);
        return true;
      },
    );
  });

  it('leaves bugs as they are', () => {
    const bug = new TypeError('bug');
    assert.throws(
      () =>
        callNative(() => {
          throw bug;
        }),
      (error) => error === bug,
    );
  });

  it('names the file and the reason of file errors', () => {
    const missing = fromFileError(
      Object.assign(new Error('x'), { code: 'ENOENT', errno: -2, syscall: 'open' }),
      'a.mp4',
    );
    assert.equal(missing.message, 'a.mp4 does not exist');
    assert.deepEqual([missing.code, missing.errno, missing.path], ['ERR_FILE_NOT_FOUND', 2, 'a.mp4']);
    assert.equal(fromFileError(Object.assign(new Error('x'), { code: 'ENOSPC' }), 'a').code, 'ERR_DISK_FULL');
  });
});
