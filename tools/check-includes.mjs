// Holds cpp/ to the order of its folders (docs/architecture.md):
// - a file of cpp/x includes only what cpp/x/CMakeLists.txt names after DEPENDS, and what that
//   depends on in turn; tests may use cpp/testing as well;
// - the folders do not depend on each other in a circle;
// - a stage never includes another stage;
// - napi.h is included in cpp/addon only.
// Large files and functions are shown as warnings.
//
//   node tools/check-includes.mjs [ROOT]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const kStages = ['capture', 'encode', 'protect', 'send', 'receive', 'recover', 'decode', 'play'];
const kMaxFileLines = 400;
const kMaxFunctionLines = 60;

const cpp = path.join(process.argv[2] ?? '.', 'cpp');
const errors = [];
const warnings = [];

function readDepends(folder) {
  const file = path.join(cpp, folder, 'CMakeLists.txt');
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8').replace(/#.*/g, '');
  const call = /boardcast_library\s*\(([^)]*)\)/.exec(text);
  const words = (call?.[1] ?? '').split(/\s+/);
  const depends = [];
  let keyword = '';
  for (const word of words) {
    if (word === 'DEPENDS' || word === 'LINK') keyword = word;
    else if (keyword === 'DEPENDS' && word) depends.push(word);
  }
  // The addon is no boardcast_library: what it links is what it may use.
  const named = call ? [] : [...text.matchAll(/\bboardcast_(\w+)/g)].map((match) => match[1]);
  return [...depends, ...new Set(named)].filter((name) => name !== folder && name !== 'library');
}

/** All that `folder` may use; reports circles. */
function closure(folder, depends, above = []) {
  if (above.includes(folder)) {
    errors.push(`cpp/${folder}: folders depend on each other: ${[...above, folder].join(' -> ')}`);
    return new Set();
  }
  const all = new Set([folder]);
  for (const used of depends.get(folder) ?? []) {
    for (const name of closure(used, depends, [...above, folder])) all.add(name);
  }
  return all;
}

function checkInclude(folder, file, line, target, allowed) {
  const where = `${file}:${line}`;
  if (/^napi(-inl)?\.h$|^node_api\.h$/.test(target)) {
    if (folder !== 'addon') errors.push(`${where}: only cpp/addon may include ${target}`);
    return;
  }
  const used = target.includes('/') ? target.split('/')[0] : undefined;
  if (!used || !existsSync(path.join(cpp, used))) return;
  if (used === folder) return;
  if (kStages.includes(folder) && kStages.includes(used)) {
    errors.push(`${where}: stage ${folder} includes stage ${used}`);
  } else if (used === 'testing' && /\/test_\w+\.h$|_(test|fuzz|bench)\.(cpp|h)$/.test(file)) {
    return;
  } else if (!allowed.has(used)) {
    errors.push(`${where}: cpp/${folder} may not include cpp/${used} (see its CMakeLists.txt)`);
  }
}

/** A function of this style begins at column 0 and ends with a lone brace there. */
function checkSizes(file, lines) {
  if (/_(test|fuzz|bench)\.cpp$/.test(file)) return;
  if (lines.length > kMaxFileLines) warnings.push(`${file}: ${lines.length} lines`);
  let start = -1;
  lines.forEach((line, index) => {
    if (/^[A-Za-z].*\{$/.test(line)) {
      start = /^(namespace|class|struct|enum|union|extern)\b/.test(line) ? -1 : index;
    }
    if (!/^\}/.test(line) || start < 0) return;
    const length = index - start + 1;
    if (length > kMaxFunctionLines) warnings.push(`${file}:${start + 1}: ${length} lines long`);
    start = -1;
  });
}

const folders = readdirSync(cpp, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();
const depends = new Map(folders.map((folder) => [folder, readDepends(folder)]));
for (const folder of folders) {
  const files = readdirSync(path.join(cpp, folder)).filter((name) => /\.(cpp|h|cc|inc)$/.test(name));
  if (files.length > 0 && depends.get(folder) === undefined) {
    errors.push(`cpp/${folder}: has no CMakeLists.txt`);
    continue;
  }
  for (const used of depends.get(folder) ?? []) {
    if (!folders.includes(used)) errors.push(`cpp/${folder}: DEPENDS names no folder: ${used}`);
  }
  const allowed = closure(folder, depends);
  for (const name of files) {
    const file = path.join('cpp', folder, name);
    const lines = readFileSync(path.join(cpp, folder, name), 'utf8').split('\n');
    lines.forEach((text, index) => {
      const include = /^\s*#\s*include\s*["<]([^">]+)[">]/.exec(text);
      if (include) checkInclude(folder, file, index + 1, include[1], allowed);
    });
    checkSizes(file, lines);
  }
}

for (const warning of warnings) console.log(`warning: ${warning}`);
for (const error of new Set(errors)) console.log(`error: ${error}`);
process.exitCode = errors.length > 0 ? 1 : 0;
