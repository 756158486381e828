/** Loads the addon on first use. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MediaError } from './errors.js';
import type { Native } from './native.js';

let loaded: Native | undefined;

/** Where the addon may be: `BOARDCAST_ADDON`, then a Release build, then a Debug build. */
export function addonCandidates(): string[] {
  const root = fileURLToPath(new URL('../build/', import.meta.url));
  const named = process.env['BOARDCAST_ADDON'];
  return named ? [named] : [`${root}Release/boardcast.node`, `${root}Debug/boardcast.node`];
}

/**
 * The addon.
 * @throws MediaError `ERR_ADDON_NOT_FOUND` or `ERR_ADDON_UNUSABLE`, saying what was looked for.
 */
export function native(): Native {
  loaded ??= load(addonCandidates());
  return loaded;
}

/** Puts `fake` in the place of the addon; undefined goes back to the real one. For tests. */
export function injectNative(fake: Native | undefined): void {
  loaded = fake;
}

/** Loads the first candidate that exists. */
export function load(candidates: string[]): Native {
  const path = candidates.find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new MediaError(
      'ERR_ADDON_NOT_FOUND',
      `The native part of boardcast is not built for ${process.platform}-${process.arch}: ` +
        `looked for ${candidates.join(' and ')}. Run \`npm run build\` in the package.`,
    );
  }
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new MediaError(
      'ERR_ADDON_UNUSABLE',
      `The native part of boardcast, ${path}, does not load: ${reason}. ` +
        'Run `npm run build` to build it for this machine.',
      { path, cause },
    );
  }
}
