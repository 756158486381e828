// Adds up what the test programs of tools/run-tests left in a folder, shows the failures, and ends
// with one line: N passed, N failed, N skipped. The exit code is 1 if anything failed.
//
// NAME.json: GoogleTest; NAME.mocha: mocha's json reporter; programs.list: what ctest was to run;
// NAME.counts: {passed, failed, skipped, failures} of a step that could not run its tests.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = process.argv[2];
const total = { passed: 0, failed: 0, skipped: 0, failures: [] };
const read = (file) => readFileSync(path.join(folder, file), 'utf8');

function addGoogleTest(report) {
  for (const suite of report.testsuites) {
    for (const test of suite.testsuite) {
      if (test.failures) {
        total.failed += 1;
        const reasons = test.failures.map((failure) => failure.failure).join('\n');
        total.failures.push(`${suite.name}.${test.name}\n${reasons}`);
      } else if (test.status === 'NOTRUN' || test.result === 'SKIPPED') {
        total.skipped += 1;
      } else {
        total.passed += 1;
      }
    }
  }
}

function addMocha(report) {
  total.passed += report.stats.passes;
  total.skipped += report.stats.pending;
  // Counted by list, since a failing hook is no test but must not pass unseen.
  total.failed += report.failures.length;
  for (const test of report.failures) {
    total.failures.push(`${test.fullTitle}\n${test.err.stack ?? test.err.message}`);
  }
}

function addMissing(listing, files) {
  const log = read('ctest.log');
  for (const program of listing.tests) {
    const executable = path.basename(program.command?.[0] ?? `${program.name}_test`);
    if (files.includes(`${executable}.json`)) continue;
    total.failed += 1;
    const at = log.indexOf(executable);
    const excerpt = at < 0 ? '' : log.slice(at, at + 3000);
    total.failures.push(`${executable} ended without a result\n${excerpt}`);
  }
}

const files = readdirSync(folder);
for (const file of files) {
  if (file.endsWith('.json')) addGoogleTest(JSON.parse(read(file)));
  if (file.endsWith('.mocha')) addMocha(JSON.parse(read(file)));
  if (file === 'programs.list') addMissing(JSON.parse(read(file)), files);
  if (file.endsWith('.counts')) {
    const counts = JSON.parse(read(file));
    total.passed += counts.passed ?? 0;
    total.failed += counts.failed ?? 0;
    total.skipped += counts.skipped ?? 0;
    total.failures.push(...(counts.failures ?? []));
  }
}
// A sanitizer's report fails a program at its end, after its result was written.
if (total.failed === 0 && files.includes('ctest.log')) {
  for (const line of read('ctest.log').split('\n')) {
    if (!/^\s*\d+ - .*\((Failed|SEGFAULT|Subprocess aborted|Timeout|.*Exception.*)\)/.test(line)) {
      continue;
    }
    total.failed += 1;
    total.failures.push(`${line.trim()}\n${read('ctest.log').slice(-6000)}`);
  }
}

for (const failure of total.failures) console.log(`\nFAILED ${failure}`);
if (total.failures.length > 0) console.log('');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
