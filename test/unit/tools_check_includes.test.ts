import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const kTool = fileURLToPath(new URL('../../../tools/check-includes.mjs', import.meta.url));

describe('tools/check-includes', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'boardcast-includes-'));
    write('base/CMakeLists.txt', 'boardcast_library(base LINK Threads::Threads)');
    write('base/time.h', '#include <chrono>');
    write('media/CMakeLists.txt', 'boardcast_library(media DEPENDS base)');
    write('media/packet.h', '#include "base/time.h"');
    write('send/CMakeLists.txt', '# pacing\nboardcast_library(send DEPENDS media LINK other)');
    write('testing/CMakeLists.txt', 'boardcast_library(testing DEPENDS base)');
    write('testing/emulator.h', '');
  });

  afterEach(() => rmSync(root, { recursive: true }));

  function write(file: string, text: string): void {
    const full = path.join(root, 'cpp', file);
    mkdirSync(path.dirname(full), { recursive: true });
    writeFileSync(full, `${text}\n`);
  }

  function check(): { code: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [kTool, root], { encoding: 'utf8' });
    return { code: status, output: stdout + stderr };
  }

  it('accepts what is named, what that depends on, and testing in tests', () => {
    write('send/pacer.cpp', '#include "send/pacer.h"\n#include "media/packet.h"\n#include "base/time.h"');
    write('send/pacer_test.cpp', '#include "testing/emulator.h"\n#include <gtest/gtest.h>');
    write('send/test_peer.h', '#include "testing/emulator.h"');
    assert.deepEqual(check(), { code: 0, output: '' });
  });

  const kBroken: [string, Record<string, string>, RegExp][] = [
    [
      'a folder that is not named',
      { 'base/clock.cpp': '#include "media/packet.h"' },
      /clock\.cpp:1: cpp\/base may not include cpp\/media/,
    ],
    [
      'testing outside of tests',
      { 'send/pacer.cpp': '#include "testing/emulator.h"' },
      /may not include cpp\/testing/,
    ],
    [
      'a stage in a stage, even if it is named',
      {
        'receive/CMakeLists.txt': 'boardcast_library(receive DEPENDS send)',
        'receive/demux.h': '\n#include "send/pacer.h"',
      },
      /demux\.h:2: stage receive includes stage send/,
    ],
    [
      'napi.h outside of the addon',
      { 'media/object.cpp': '#include <napi.h>' },
      /only cpp\/addon may include napi\.h/,
    ],
    [
      'a circle',
      { 'base/CMakeLists.txt': 'boardcast_library(base DEPENDS send)' },
      /depend on each other: .*base/,
    ],
    [
      'a folder that does not exist',
      { 'base/CMakeLists.txt': 'boardcast_library(base DEPENDS nothing)' },
      /names no folder: nothing/,
    ],
    ['sources without CMakeLists.txt', { 'qos/loss.cpp': '' }, /cpp\/qos: has no CMakeLists\.txt/],
  ];
  for (const [what, files, message] of kBroken) {
    it(`refuses ${what}`, () => {
      for (const [file, text] of Object.entries(files)) write(file, text);
      const { code, output } = check();
      assert.equal(code, 1);
      assert.match(output, message);
    });
  }

  it('warns of long functions without failing', () => {
    write('media/long.cpp', `void Long() {\n${'  Step();\n'.repeat(80)}}`);
    const { code, output } = check();
    assert.equal(code, 0);
    assert.match(output, /warning: cpp\/media\/long\.cpp:1: 82 lines long/);
  });
});
