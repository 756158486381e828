/**
 * What is used of mediabunny. The build bundles this file with just these parts (tools/build-ts): the whole
 * library would cost 14 MB of memory and 50 ms of a desktop's CPU at each start.
 */
export {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathSource,
  Input,
  Logging,
  LogLevel,
  MP4,
  Mp4OutputFormat,
  Output,
  QTFF,
  StreamTarget,
} from 'mediabunny';
