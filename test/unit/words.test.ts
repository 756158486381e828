import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { isLoopback, parseUdpUrl, resolveHost, udpUrl } from '#src/address.js';
import { addonCandidates, load } from '#src/binding.js';
import { generateKey, parseKey, readKeyFile } from '#src/key.js';
import { parseSource } from '#src/source.js';
import { useTemporaryFolder } from '../temporary_folder.js';

describe('source words', () => {
  it('parses every kind', () => {
    const cases: [string, object][] = [
      ['camera:/dev/video2', { kind: 'camera', path: '/dev/video2' }],
      ['camera:', { kind: 'camera', path: '/dev/video0' }],
      [
        'camera:?width=1280&frameRate=15',
        { kind: 'camera', path: '/dev/video0', width: 1280, frameRate: 15 },
      ],
      ['mic:hw:1,0', { kind: 'mic', device: 'hw:1,0' }],
      ['mic:', { kind: 'mic', device: 'default' }],
      ['file:a b.MP4', { kind: 'clip', path: 'a b.MP4' }],
      ['file:/x/y.y4m', { kind: 'y4m', path: '/x/y.y4m' }],
      ['file:what?.wav', { kind: 'wav', path: 'what?.wav' }],
      ['pattern:', { kind: 'pattern', width: 640, height: 360, frameRate: 30 }],
      ['pattern:?width=320&height=240', { kind: 'pattern', width: 320, height: 240, frameRate: 30 }],
      ['tone:?channels=1', { kind: 'tone', channels: 1 }],
    ];
    for (const [word, source] of cases) assert.deepEqual(parseSource(word), source, word);
  });

  it('refuses the rest and lists what is known', () => {
    const cases = [
      'clip.mp4',
      'screen:',
      'file:',
      'file:a.avi',
      'file:noextension',
      'pattern:640',
      'pattern:?width=641',
      'pattern:?width=',
      'pattern:?color=red',
      'pattern:?frameRate=0',
      'tone:?channels=3',
    ];
    for (const word of cases) {
      assert.throws(
        () => parseSource(word),
        { code: 'ERR_UNKNOWN_SOURCE', message: /Known sources: camera:/ },
        word,
      );
    }
  });
});

describe('udp addresses', () => {
  it('parses host and port, and writes them again', () => {
    const cases: [string, string, number][] = [
      ['udp://127.0.0.1:5004', '127.0.0.1', 5004],
      ['udp://board-7.local:1', 'board-7.local', 1],
      ['udp://[fe80::1]:65535', 'fe80::1', 65535],
    ];
    for (const [url, host, port] of cases) {
      assert.deepEqual(parseUdpUrl('url', url), { host, port });
      assert.equal(udpUrl({ host, port }), url);
    }
  });

  it('refuses what is none', () => {
    for (const url of [
      '',
      'udp://host',
      'http://host:1',
      'udp://host:70000',
      'udp://a:1/path',
      'udp://a b:1',
    ]) {
      assert.throws(() => parseUdpUrl('url', url), RangeError, url);
    }
    assert.throws(() => parseUdpUrl('url', undefined), TypeError);
  });

  it('knows what stays on this machine', () => {
    assert.deepEqual(['127.0.0.1', 'localhost', '::1', '0.0.0.0', '10.0.0.1'].map(isLoopback), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('does not ask for numeric addresses', async () => {
    assert.equal(await resolveHost('::1'), '::1');
  });
});

describe('keys', () => {
  const temporary = useTemporaryFolder();

  it('reads hexadecimal, base64 and bytes', () => {
    const hex = generateKey();
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    assert.equal(bytes.length, 28);
    assert.notEqual(generateKey(), hex);
    assert.deepEqual(parseKey(hex), bytes);
    assert.deepEqual(parseKey(` ${hex.toUpperCase()}\n`), bytes);
    assert.deepEqual(parseKey(Buffer.from(bytes).toString('base64')), bytes);
    assert.equal(parseKey(bytes), bytes);
  });

  it('refuses other keys without showing them', () => {
    for (const key of ['', 'secret', 'zz'.repeat(28), 'ab'.repeat(27), `${'A'.repeat(39)}=`]) {
      assert.throws(
        () => parseKey(key),
        (error: Error) => error instanceof RangeError && !/secret|zz|AA/.test(error.message),
      );
    }
    assert.throws(() => parseKey(new Uint8Array(27)), RangeError);
  });

  it('warns of a file that others can read', () => {
    const path = temporary('key.txt');
    writeFileSync(path, `${generateKey()}\n`);
    chmodSync(path, 0o644);
    assert.match(readKeyFile(path).warning ?? '', /chmod 600/);
    chmodSync(path, 0o600);
    assert.equal(readKeyFile(path).warning, undefined);
    writeFileSync(path, 'no key');
    assert.throws(() => readKeyFile(path), { code: 'ERR_INVALID_KEY', path });
    assert.throws(() => readKeyFile(temporary('none')), { code: 'ERR_FILE_NOT_FOUND' });
  });
});

describe('binding', () => {
  const temporary = useTemporaryFolder();

  it('says what it looked for and what to do', () => {
    const path = temporary('none.node');
    assert.throws(() => load([path]), {
      code: 'ERR_ADDON_NOT_FOUND',
      message: new RegExp(`looked for ${path}.*npm run build`),
    });
    assert.ok(addonCandidates().some((candidate) => candidate.endsWith('build/Release/boardcast.node')));
  });

  it('says when the file is there but does not load', () => {
    const path = temporary('broken.node');
    writeFileSync(path, 'not an addon');
    assert.throws(() => load([path]), { code: 'ERR_ADDON_UNUSABLE', path });
  });
});
