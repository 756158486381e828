/** Cameras and sound cards of this machine. */
import { native } from './binding.js';
import { callNative, checkInteger, invalidArgument } from './errors.js';
import type { NativeDevice } from './native.js';

/** A camera, microphone or speaker; `path` is what source words and options take. */
export type Device = NativeDevice;

/** What is plugged in now; empty where nothing is. */
export function listDevices(): Device[] {
  return callNative(() => native().listDevices());
}

/**
 * Compares the brightness of two packed I420 pictures of one size: mean squared error, and
 * structural similarity (1: equal).
 */
export function imageQuality(
  a: Uint8Array,
  b: Uint8Array,
  width: number,
  height: number,
): { mse: number; ssim: number } {
  checkInteger('width', width, 16, 16384);
  checkInteger('height', height, 16, 16384);
  const size = width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  for (const [name, picture] of Object.entries({ a, b })) {
    if (!(picture instanceof Uint8Array)) throw invalidArgument('a Uint8Array', name, picture);
    if (picture.length !== size) throw invalidArgument(`${size} bytes of I420`, name, picture.length, true);
  }
  return callNative(() => native().imageQuality(a, b, width, height));
}
