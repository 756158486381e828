// No file of the repository may tell of the machine on which it was written: paths of people's home
// folders and of temporary folders, addresses of package registries, private network names.
//
//   node tools/check-words.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const kForbidden = [
  [/(?<![\w.])\/(home|Users)\/\w+/, 'a path in a home folder'],
  [/(?<![\w.}])\/(root|work)\/\w+/, 'a path of one machine'],
  [/(?<![\w.}])\/tmp\/\w+/, 'a path in /tmp (use the system temporary folder)'],
  [/"resolved":\s*"https?:/, 'a registry address (npm install with .npmrc of the repository)'],
  [/https?:\/\/(registry|npm|mirror|artifactory|nexus)\.[\w.]+/, 'a registry address'],
  [/https?:\/\/(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.\d/, 'a private network address'],
];
const kBinary = /\.(png|jpe?g|mp4|h264|wav|y4m|opus|bin|woff2?|ttf)$|\/corpus\//;

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'])
  .toString()
  .split('\0')
  .filter((file) => file && !kBinary.test(file) && file !== 'tools/check-words.mjs');
let found = 0;
for (const file of new Set(files)) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    continue; // Deleted in the working tree.
  }
  text.split('\n').forEach((line, index) => {
    for (const [pattern, what] of kForbidden) {
      const match = pattern.exec(line);
      if (!match) continue;
      console.log(`error: ${file}:${index + 1}: ${what}: ${match[0]}`);
      found += 1;
    }
  });
}
process.exitCode = found > 0 ? 1 : 0;
