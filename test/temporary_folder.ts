/** A folder for one test file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a folder before the tests of this suite and removes it after them. */
export function useTemporaryFolder(): (name: string) => string {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'boardcast-test-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}
