/** Addresses of the `udp` link: `udp://HOST:PORT`. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { checkString, invalidArgument, MediaError } from './errors.js';

export interface UdpAddress {
  host: string;
  port: number;
}

const kExpected = 'an address such as "udp://192.168.1.20:5004"';

/**
 * Host and port of a `udp:` URL.
 * @throws TypeError, RangeError
 */
export function parseUdpUrl(name: string, url: unknown): UdpAddress {
  const text = checkString(name, url, kExpected);
  const match = /^udp:\/\/(?:\[([0-9A-Fa-f:.%]+)\]|([^/:?#@[\]\s]+)):(\d{1,5})\/?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) throw invalidArgument(kExpected, name, text, true);
  return { host, port };
}

/** The URL of an address. */
export function udpUrl({ host, port }: UdpAddress): string {
  return `udp://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

/** The numeric address of `host`; what is numeric already is returned at once. */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await lookup(host)).address;
  } catch (cause) {
    throw new MediaError('ERR_HOST_NOT_FOUND', `No address is known for the host ${host}`, { cause });
  }
}

/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
