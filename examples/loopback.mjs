// This example shows how to:
// 1. send a test picture and a test tone to another session of the same process,
// 2. record what arrives, exactly as it arrived, to an MP4 file.
//
// node examples/loopback.mjs
import { createSession, generateKey, openSource, Recorder } from 'boardcast';

const key = generateKey();
const receiver = await createSession();
const recorder = await Recorder.start(receiver, 'received.mp4');
await receiver.subscribe('udp://127.0.0.1:0', { key });

const sender = await createSession();
const picture = await openSource('pattern:');
const sound = await openSource('tone:');
await sender.addTrack(picture, { maxBitrate: 1_000_000 });
await sender.addTrack(sound);
await sender.publish(`udp://127.0.0.1:${receiver.localPort}`, { key });

await new Promise((resolve) => setTimeout(resolve, 5000));
for (const session of [sender, receiver]) await session.close();
for (const track of [picture, sound]) track.stop();
console.log(recorder.files);
