#include "encode/openh264_encoder.h"

#include <libyuv.h>
#include <wels/codec_api.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace boardcast {
namespace {

// The library refuses smaller pictures and levels above 5.2 (ITU-T H.264 table A-1).
constexpr int kMinSide = 16;
constexpr int kMaxSide = 8192;
constexpr int kMaxMacroblocks = 36'864;
constexpr double kMaxFrameRate = 60;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

int Macroblocks(int width, int height) { return ((width + 15) / 16) * ((height + 15) / 16); }

Status CheckBitrate(std::int64_t bitrate) {
  if (bitrate > 0 && bitrate <= std::numeric_limits<int>::max()) return Ok{};
  return Invalid("Video bitrate " + std::to_string(bitrate) +
                 " bit/s is not positive and below 2^31");
}

Status CheckFrameRate(double frame_rate) {
  if (frame_rate >= 1 && frame_rate <= kMaxFrameRate) return Ok{};
  return Invalid("Frame rate " + std::to_string(frame_rate) + " is not within 1 to 60");
}

Status Check(const VideoEncoderConfig& config) {
  const bool even = config.width % 2 == 0 && config.height % 2 == 0;
  if (!even || std::min(config.width, config.height) < kMinSide ||
      std::max(config.width, config.height) > kMaxSide ||
      Macroblocks(config.width, config.height) > kMaxMacroblocks) {
    return Invalid("Cannot encode " + std::to_string(config.width) + "x" +
                   std::to_string(config.height) +
                   ": sides must be even, from 16 to 8192, and the area at most 4096x2304");
  }
  if (Status status = CheckFrameRate(config.frame_rate); !status) return status;
  return CheckBitrate(config.bitrate);
}

/// Lowest level that allows the size at the frame rate (ITU-T H.264 table A-1: MaxFS, MaxMBPS), but
/// at least 3.1, so that a change of bitrate never needs another level and with it a key frame.
ELevelIdc Level(const VideoEncoderConfig& config) {
  struct Limit {
    ELevelIdc level;
    int macroblocks;
    int macroblocks_per_second;
  };
  constexpr Limit kLimits[] = {{LEVEL_3_1, 3'600, 108'000},  {LEVEL_3_2, 5'120, 216'000},
                               {LEVEL_4_0, 8'192, 245'760},  {LEVEL_4_2, 8'704, 522'240},
                               {LEVEL_5_0, 22'080, 589'824}, {LEVEL_5_1, 36'864, 983'040}};
  const int macroblocks = Macroblocks(config.width, config.height);
  for (const Limit& limit : kLimits) {
    if (macroblocks <= limit.macroblocks &&
        macroblocks * config.frame_rate <= limit.macroblocks_per_second) {
      return limit.level;
    }
  }
  return LEVEL_5_2;
}

void FillLayer(const VideoEncoderConfig& config, SSpatialLayerConfig& layer) {
  layer.iVideoWidth = config.width;
  layer.iVideoHeight = config.height;
  layer.fFrameRate = static_cast<float>(config.frame_rate);
  layer.iSpatialBitrate = static_cast<int>(config.bitrate);
  layer.iMaxSpatialBitrate = UNSPECIFIED_BIT_RATE;
  layer.uiProfileIdc = PRO_BASELINE;
  layer.uiLevelIdc = Level(config);
  layer.sSliceArgument.uiSliceMode = config.threads > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE;
  layer.sSliceArgument.uiSliceNum = config.threads;
}

void FillParameters(const VideoEncoderConfig& config, EncoderEffort effort, SEncParamExt& param) {
  param.iUsageType = CAMERA_VIDEO_REAL_TIME;
  param.iPicWidth = config.width;
  param.iPicHeight = config.height;
  param.iTargetBitrate = static_cast<int>(config.bitrate);
  param.iMaxBitrate = UNSPECIFIED_BIT_RATE;
  param.fMaxFrameRate = static_cast<float>(config.frame_rate);
  param.iRCMode = RC_BITRATE_MODE;
  param.iComplexityMode = effort == EncoderEffort::kLow      ? LOW_COMPLEXITY
                          : effort == EncoderEffort::kMedium ? MEDIUM_COMPLEXITY
                                                             : HIGH_COMPLEXITY;
  param.uiIntraPeriod = 0;  // Encode() times key frames itself, by the clock instead of by count.
  param.iNumRefFrame = 1;
  param.eSpsPpsIdStrategy = CONSTANT_ID;
  param.iMultipleThreadIdc = static_cast<unsigned short>(config.threads);
  param.bEnableFrameSkip = false;
  param.bEnableBackgroundDetection = false;  // Costs 0.1 to 0.2 dB, and makes frame sizes uneven.
  param.bEnableAdaptiveQuant = false;
  param.bEnableSceneChangeDetect = false;
  FillLayer(config, param.sSpatialLayers[0]);
}

void AppendLayers(const SFrameBSInfo& info, std::vector<std::uint8_t>& data) {
  for (int l = 0; l < info.iLayerNum; ++l) {
    const SLayerBSInfo& layer = info.sLayerInfo[l];
    std::size_t size = 0;
    for (int n = 0; n < layer.iNalCount; ++n) size += layer.pNalLengthInByte[n];
    data.insert(data.end(), layer.pBsBuf, layer.pBsBuf + size);
  }
}

}  // namespace

void OpenH264Encoder::Destroy::operator()(ISVCEncoder* encoder) const {
  encoder->Uninitialize();
  WelsDestroySVCEncoder(encoder);
}

Result<std::unique_ptr<VideoEncoder>> OpenH264Encoder::Create(const VideoEncoderConfig& config,
                                                              EncoderEffort effort) {
  if (Status status = Check(config); !status) return std::move(status).error();
  std::unique_ptr<OpenH264Encoder> encoder(new OpenH264Encoder(config));
  if (Status status = encoder->Open(effort); !status) return std::move(status).error();
  return std::unique_ptr<VideoEncoder>(std::move(encoder));
}

Status OpenH264Encoder::Open(EncoderEffort effort) {
  ISVCEncoder* encoder = nullptr;
  if (WelsCreateSVCEncoder(&encoder) != 0) {
    return Error{.code = ErrorCode::kSystem, .message = "OpenH264 could not make an encoder"};
  }
  encoder_.reset(encoder);
  int quiet = WELS_LOG_QUIET;
  encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
  SEncParamExt param;
  encoder->GetDefaultParams(&param);
  FillParameters(config_, effort, param);
  if (encoder->InitializeExt(&param) != cmResultSuccess) {
    return Invalid("OpenH264 refused " + std::to_string(config_.width) + "x" +
                   std::to_string(config_.height) + " at " + std::to_string(config_.bitrate) +
                   " bit/s");
  }
  return Ok{};
}

bool OpenH264Encoder::KeyFrameDue(Timestamp capture_time) const {
  return config_.key_frame_interval > 0us && last_key_ &&
         capture_time - *last_key_ >= config_.key_frame_interval;
}

Result<ChunkLease> OpenH264Encoder::Encode(const VideoFrame& frame, bool force_key,
                                           ChunkPool& pool) {
  if (frame.width != config_.width || frame.height != config_.height) {
    return Invalid("A frame of " + std::to_string(frame.width) + "x" +
                   std::to_string(frame.height) + " came to an encoder for " +
                   std::to_string(config_.width) + "x" + std::to_string(config_.height));
  }
  // First, so that a frame which could not be handed on never becomes a reference.
  ChunkLease chunk = pool.Acquire();
  if (!chunk) return Error{.code = ErrorCode::kOverflow, .message = "No free chunk to encode into"};

  SSourcePicture picture = Picture(frame);
  if (force_key || KeyFrameDue(frame.capture_time)) encoder_->ForceIntraFrame(true);
  SFrameBSInfo info{};
  if (encoder_->EncodeFrame(&picture, &info) != cmResultSuccess) {
    return Error{.code = ErrorCode::kSystem, .message = "OpenH264 failed to encode a frame"};
  }
  if (info.eFrameType == videoFrameTypeSkip) return ChunkLease();

  chunk->codec = Codec::kH264;
  chunk->key = info.eFrameType == videoFrameTypeIDR;
  chunk->complete = true;
  chunk->capture_time = frame.capture_time;
  chunk->duration = Duration(std::llround(1e6 / config_.frame_rate));
  chunk->rtp_timestamp = frame.rtp_timestamp;
  chunk->media_time_us = frame.media_time_us;
  chunk->data.clear();
  AppendLayers(info, chunk->data);
  if (chunk->key) last_key_ = frame.capture_time;
  return chunk;
}

Source_Picture_s OpenH264Encoder::Picture(const VideoFrame& frame) {
  const VideoFrame* source = &frame;
  if (frame.pixel_format == PixelFormat::kNv12) {
    ShapeFrame(planar_, PixelFormat::kI420, frame.width, frame.height);
    const auto& [y, u, v] = planar_.planes;
    libyuv::NV12ToI420(frame.planes[0].data, frame.planes[0].stride, frame.planes[1].data,
                       frame.planes[1].stride, y.data, y.stride, u.data, u.stride, v.data, v.stride,
                       frame.width, frame.height);
    source = &planar_;
  }
  SSourcePicture picture{};
  picture.iColorFormat = videoFormatI420;
  picture.iPicWidth = frame.width;
  picture.iPicHeight = frame.height;
  picture.uiTimeStamp = ToMicros(frame.capture_time) / 1000;
  for (int p = 0; p < 3; ++p) {
    picture.pData[p] = source->planes[p].data;
    picture.iStride[p] = source->planes[p].stride;
  }
  return picture;
}

Status OpenH264Encoder::SetBitrate(std::int64_t bitrate) {
  if (Status status = CheckBitrate(bitrate); !status) return status;
  SBitrateInfo info{SPATIAL_LAYER_ALL, static_cast<int>(bitrate)};
  if (encoder_->SetOption(ENCODER_OPTION_BITRATE, &info) != cmResultSuccess) {
    return Invalid("OpenH264 refused " + std::to_string(bitrate) + " bit/s");
  }
  config_.bitrate = bitrate;
  return Ok{};
}

Status OpenH264Encoder::SetFrameRate(double frame_rate) {
  if (Status status = CheckFrameRate(frame_rate); !status) return status;
  float rate = static_cast<float>(frame_rate);
  if (encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &rate) != cmResultSuccess) {
    return Invalid("OpenH264 refused " + std::to_string(frame_rate) + " frames a second");
  }
  config_.frame_rate = frame_rate;
  return Ok{};
}

}  // namespace boardcast
