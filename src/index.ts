/**
 * boardcast: real-time audio and video for ARM Linux boards.
 *
 * Wrong arguments throw TypeError or RangeError at once (or reject, where a function is
 * asynchronous); what fails later is a {@link MediaError} with a stable `code`.
 *
 * @packageDocumentation
 */
export { imageQuality, listDevices } from './devices.js';
export type { Device } from './devices.js';
export { EmulatedLink } from './emulated_link.js';
export type { EmulatedLinkOptions, LinkConditions, LinkCounters } from './emulated_link.js';
export type { EventMap } from './emitter.js';
export { MediaError } from './errors.js';
export type { MediaErrorDetail } from './errors.js';
export { generateKey } from './key.js';
export { AudioTrack, MediaTrack, VideoTrack } from './media_track.js';
export type { AudioBlock, MediaTrackEvents, VideoFrame } from './media_track.js';
export { openCamera, openMicrophone, openSource } from './open_source.js';
export type { CameraOptions, MicrophoneOptions, OpenSourceOptions } from './open_source.js';
export { AudioReceiver, VideoReceiver } from './receiver.js';
export type { Receiver } from './receiver.js';
export { Recorder } from './recorder.js';
export type { RecordedFile, RecorderEvents } from './recorder.js';
export { Sender } from './sender.js';
export type { SenderEvents, SenderParameters } from './sender.js';
export { createSession, Session } from './session.js';
export type {
  AddTrackOptions,
  LinkOptions,
  SessionEvents,
  SessionOptions,
  StreamInfo,
  SubscribeOptions,
  Warning,
} from './session.js';
export { StatsReport } from './stats.js';
export type {
  InboundRtpStats,
  OutboundRtpStats,
  RemoteInboundRtpStats,
  Stats,
  TransportStats,
} from './stats.js';
