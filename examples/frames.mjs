// This example shows how to:
// 1. receive a stream,
// 2. have each decoded picture as I420 bytes in the application,
// 3. see every second how the stream is doing, in the names of webrtc-stats.
//
// node examples/frames.mjs KEY     and, elsewhere: boardcast send --to udp://HOST:5004 --key KEY
import { createSession } from 'boardcast';

const [key] = process.argv.slice(2);
if (!key) throw new Error('Usage: node examples/frames.mjs KEY (56 hex digits or 40 base64 characters)');

const session = await createSession();
session.on('warning', (warning) => console.error(warning.message));
session.on('track', async (receiver) => {
  if (receiver.kind !== 'video') return;
  for await (const frame of receiver.frames()) {
    const luma = frame.data.subarray(0, frame.width * frame.height);
    const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
    console.log(`${frame.width}x${frame.height}, mean luma ${mean.toFixed(1)}`);
  }
});
await session.subscribe('udp://127.0.0.1:5004', { key });
const timer = setInterval(async () => console.log((await session.getStats()).find('inbound-video')), 1000);
await new Promise((resolve) => process.once('SIGINT', resolve));
clearInterval(timer);
await session.close();
