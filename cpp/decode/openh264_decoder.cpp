#include "decode/openh264_decoder.h"

#include <wels/codec_api.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace boardcast {
namespace {

constexpr int kDamage = dsRefLost | dsBitstreamError | dsDepLayerLost | dsNoParamSets |
                        dsDataErrorConcealed | dsRefListNullPtrs;

/// What any key frame ends: a reference that never came, its concealment, a stream not yet begun.
constexpr int kHarmless = dsRefLost | dsDataErrorConcealed | dsNoParamSets;

constexpr std::uint8_t kSps = 7;

/// Far above any picture of the largest level; the library counts bytes in an int.
constexpr std::size_t kMaxChunk = 64 << 20;

/// profile_idc of the first sequence parameter set in `annex_b`, if there is one.
std::optional<int> SpsProfile(Bytes annex_b) {
  for (std::size_t i = 0; i + 4 < annex_b.size(); ++i) {
    const bool start = annex_b[i] == 0 && annex_b[i + 1] == 0 && annex_b[i + 2] == 1;
    if (start && (annex_b[i + 3] & 0x1f) == kSps) return annex_b[i + 4];
  }
  return std::nullopt;
}

bool Decodable(int profile) {
  return profile == PRO_BASELINE || profile == PRO_MAIN || profile == PRO_HIGH ||
         profile == PRO_SCALABLE_BASELINE || profile == PRO_SCALABLE_HIGH;
}

void CopyPlane(const std::uint8_t* from, int stride, const Plane& to) {
  for (std::ptrdiff_t row = 0; row < to.height; ++row) {
    std::memcpy(to.data + row * to.stride, from + row * stride, to.width);
  }
}

}  // namespace

void OpenH264Decoder::Destroy::operator()(ISVCDecoder* decoder) const {
  decoder->Uninitialize();
  WelsDestroyDecoder(decoder);
}

Result<std::unique_ptr<VideoDecoder>> OpenH264Decoder::Create() {
  std::unique_ptr<OpenH264Decoder> decoder(new OpenH264Decoder());
  if (Status status = decoder->Open(); !status) return std::move(status).error();
  return std::unique_ptr<VideoDecoder>(std::move(decoder));
}

Status OpenH264Decoder::Open() {
  ISVCDecoder* decoder = nullptr;
  if (WelsCreateDecoder(&decoder) != 0) {
    return Error{.code = ErrorCode::kSystem, .message = "OpenH264 could not make a decoder"};
  }
  decoder_.reset(decoder);
  int quiet = WELS_LOG_QUIET;
  decoder->SetOption(DECODER_OPTION_TRACE_LEVEL, &quiet);
  SDecodingParam param{};
  param.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  param.eEcActiveIdc = ERROR_CON_SLICE_COPY;
  if (decoder->Initialize(&param) != 0) {
    return Error{.code = ErrorCode::kSystem, .message = "OpenH264 could not start a decoder"};
  }
  return Ok{};
}

void OpenH264Decoder::Reset() {
  // Only a new instance forgets everything. Without memory for one the old one goes on, which shows
  // as damaged pictures until the next key frame.
  auto old = std::move(decoder_);
  if (!Open()) decoder_ = std::move(old);
  incomplete_ = false;
  upset_ = false;
}

int OpenH264Decoder::Run(const EncodedChunk& chunk, SBufferInfo& info) {
  pending_[++serial_ % pending_.size()] = {serial_, chunk.capture_time, chunk.rtp_timestamp,
                                           chunk.media_time_us};
  unsigned char* planes[3] = {};
  info = {};
  info.uiInBsTimeStamp = serial_;
  int state = decoder_->DecodeFrameNoDelay(chunk.data.data(), static_cast<int>(chunk.data.size()),
                                           planes, &info);
  if (info.iBufferStatus != 1) {
    // Main and High streams are held back by a frame, for an order of display that the caller
    // restores itself where it is needed at all.
    info = {};
    info.uiInBsTimeStamp = serial_;
    state |= decoder_->FlushFrame(planes, &info);
  }
  upset_ = upset_ || state & ~kHarmless || !chunk.complete;
  return state;
}

Result<VideoFrameLease> OpenH264Decoder::Decode(const EncodedChunk& chunk, VideoFramePool& pool) {
  if (chunk.data.empty() || chunk.data.size() > kMaxChunk) return VideoFrameLease();
  const std::optional<int> profile = SpsProfile(chunk.bytes());
  const bool can_restart = chunk.key && chunk.complete && profile;
  // After corrupt data the library may show wrong pictures even past a sound key frame.
  if (upset_ && can_restart) Reset();
  incomplete_ = !chunk.complete || (incomplete_ && !chunk.key);

  SBufferInfo info;
  int state = Run(chunk, info);
  const bool own = info.iBufferStatus == 1 && info.uiOutYuvTimeStamp == serial_;
  if (can_restart && (state & kDamage || !own)) {
    Reset();
    state = Run(chunk, info);
  }
  if (info.iBufferStatus == 1) return CopyOut(info, state & kDamage, pool);
  if (state & dsNoParamSets && profile && !Decodable(*profile)) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = "H.264 profile " + std::to_string(*profile) +
                            " cannot be decoded; Baseline, Main and High (4:2:0, 8 bit) can"};
  }
  return VideoFrameLease();
}

Result<VideoFrameLease> OpenH264Decoder::CopyOut(const SBufferInfo& info, bool damaged,
                                                 VideoFramePool& pool) {
  const SSysMEMBuffer& shape = info.UsrData.sSystemBuffer;
  if (shape.iWidth <= 0 || shape.iHeight <= 0 || !info.pDst[0] || !info.pDst[1] || !info.pDst[2]) {
    return VideoFrameLease();
  }
  VideoFrameLease frame = pool.Acquire();
  if (!frame) return Error{.code = ErrorCode::kOverflow, .message = "No free frame to decode into"};
  ShapeFrame(*frame, PixelFormat::kI420, shape.iWidth, shape.iHeight);
  CopyPlane(info.pDst[0], shape.iStride[0], frame->planes[0]);
  CopyPlane(info.pDst[1], shape.iStride[1], frame->planes[1]);
  CopyPlane(info.pDst[2], shape.iStride[1], frame->planes[2]);
  // The library says which chunk a picture came from; only one made up from nothing has no chunk.
  const Pending& named = pending_[info.uiOutYuvTimeStamp % pending_.size()];
  const Pending& source =
      named.serial == info.uiOutYuvTimeStamp ? named : pending_[serial_ % pending_.size()];
  frame->capture_time = source.capture_time;
  frame->rtp_timestamp = source.rtp_timestamp;
  frame->media_time_us = source.media_time_us;
  frame->damaged = damaged || incomplete_;
  return frame;
}

}  // namespace boardcast
