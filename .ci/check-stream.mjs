// Checks the figures of a short run of `bench stream` (5 % loss, 80 ms round trip) against bounds that
// a slow and shared machine keeps too. Ends with: N passed, N failed, N skipped.
import { readFileSync } from 'node:fs';

const result = JSON.parse(readFileSync(process.argv[2], 'utf8').trim().split('\n').at(-1));
const kBounds = {
  framesSent: [120, 200],
  psnrY: [25, 100],
  ssimY: [0.7, 1],
  freezeSeconds: [0, 1],
  lossPercent: [2, 9],
  overheadPercent: [5, 60],
  latencyMsP50: [40, 400],
  firstPacketMs: [0, 2000],
  firstFrameMs: [0, 3000],
  avSyncMsP95: [0, 200],
  cpuPercent: [1, 150],
  rssMb: [20, 300],
};

let passed = 0;
let failed = 0;
function check(name, value, [min, max]) {
  const good = typeof value === 'number' && value >= min && value <= max;
  if (good) passed += 1;
  else failed += 1;
  console.log(`${good ? 'ok    ' : 'FAILED'} ${name} ${value} (${min} to ${max})`);
}

for (const [name, bounds] of Object.entries(kBounds)) check(name, result[name], bounds);
check('framesDecoded', result.framesDecoded, [0.95 * result.framesSent, result.framesSent]);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;
