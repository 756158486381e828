#include "encode/openh264_encoder.h"

#include <gtest/gtest.h>
#include <wels/codec_api.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "testing/moving_picture.h"

namespace boardcast {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 192;
constexpr int kFrameRate = 30;

struct DestroyDecoder {
  void operator()(ISVCDecoder* decoder) const {
    decoder->Uninitialize();
    WelsDestroyDecoder(decoder);
  }
};

/// Bare OpenH264 decoder: what comes out must be fit for any receiver, not only for ours.
class PlainDecoder {
 public:
  PlainDecoder() {
    ISVCDecoder* decoder = nullptr;
    WelsCreateDecoder(&decoder);
    decoder_.reset(decoder);
    int quiet = WELS_LOG_QUIET;
    decoder->SetOption(DECODER_OPTION_TRACE_LEVEL, &quiet);
    SDecodingParam param{};
    param.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    decoder->Initialize(&param);
  }

  /// False unless `chunk` decodes at once and without complaint.
  bool Decode(const EncodedChunk& chunk, VideoFrame& out) {
    unsigned char* planes[3] = {};
    SBufferInfo info{};
    const int state = decoder_->DecodeFrameNoDelay(
        chunk.data.data(), static_cast<int>(chunk.data.size()), planes, &info);
    if (state != 0 || info.iBufferStatus != 1) return false;
    const SSysMEMBuffer& shape = info.UsrData.sSystemBuffer;
    VideoFrame view;
    view.width = shape.iWidth;
    view.height = shape.iHeight;
    for (int p = 0; p < 3; ++p) {
      view.planes[p] = {info.pDst[p], shape.iStride[p > 0], shape.iWidth >> (p > 0),
                        shape.iHeight >> (p > 0)};
    }
    CopyFrame(view, out);
    return true;
  }

 private:
  std::unique_ptr<ISVCDecoder, DestroyDecoder> decoder_;
};

class OpenH264EncoderTest : public testing::Test {
 protected:
  void Open(VideoEncoderConfig config) {
    auto encoder = OpenH264Encoder::Create(config);
    ASSERT_TRUE(encoder) << encoder.error().message;
    encoder_ = std::move(encoder).value();
    config_ = config;
  }

  /// The next picture of the clip, coded; `frame_` keeps its source.
  ChunkLease Next(bool force_key = false) {
    DrawMovingPicture(frame_, config_.width, config_.height, index_);
    frame_.capture_time = FromMicros(5'000'000 + index_ * 1'000'000LL / kFrameRate);
    frame_.media_time_us = index_ * 1'000'000LL / kFrameRate;
    frame_.rtp_timestamp = 1000 + index_ * 3000;
    ++index_;
    auto chunk = encoder_->Encode(frame_, force_key, pool_);
    EXPECT_TRUE(chunk);
    EXPECT_TRUE(*chunk);
    return std::move(chunk).value();
  }

  /// Bit/s over the next `frames` frames.
  double Bitrate(int frames) {
    std::size_t bytes = 0;
    for (int i = 0; i < frames; ++i) bytes += Next()->data.size();
    return bytes * 8.0 * kFrameRate / frames;
  }

  VideoEncoderConfig config_;
  std::unique_ptr<VideoEncoder> encoder_;
  ChunkPool pool_{2};
  VideoFrame frame_;
  int index_ = 0;
};

std::vector<int> NalTypes(const EncodedChunk& chunk) {
  std::vector<int> types;
  for (std::size_t i = 0; i + 4 < chunk.data.size(); ++i) {
    const std::uint8_t* at = chunk.data.data() + i;
    if (at[0] == 0 && at[1] == 0 && at[2] == 0 && at[3] == 1) types.push_back(at[4] & 0x1f);
  }
  return types;
}

TEST_F(OpenH264EncoderTest, DecodesElsewhereToNearlyTheSamePicture) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 600'000});
  PlainDecoder decoder;
  VideoFrame decoded;
  for (int i = 0; i < 60; ++i) {
    ChunkLease chunk = Next();
    ASSERT_TRUE(decoder.Decode(*chunk, decoded)) << "frame " << i;
    ASSERT_EQ(decoded.width, kWidth);
    ASSERT_EQ(decoded.height, kHeight);
    EXPECT_GT(LumaPsnr(frame_, decoded), 30) << "frame " << i;
  }
}

TEST_F(OpenH264EncoderTest, ChunkIsAnAccessUnitWithTheTimesOfItsFrame) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 600'000});
  ChunkLease key = Next();
  EXPECT_TRUE(key->key);
  EXPECT_EQ(NalTypes(*key), (std::vector<int>{7, 8, 5}));  // SPS, PPS, IDR slice.
  EXPECT_EQ(key->data[5], 66);                             // Baseline ...
  EXPECT_EQ(key->data[6] & 0x40, 0x40);                    // ... constrained.
  EXPECT_EQ(key->data[7], 31);
  key.Reset();
  ChunkLease delta = Next();
  EXPECT_FALSE(delta->key);
  EXPECT_TRUE(delta->complete);
  EXPECT_EQ(NalTypes(*delta), (std::vector<int>{1}));
  EXPECT_EQ(delta->codec, Codec::kH264);
  EXPECT_EQ(delta->capture_time, frame_.capture_time);
  EXPECT_EQ(delta->media_time_us, frame_.media_time_us);
  EXPECT_EQ(delta->rtp_timestamp, frame_.rtp_timestamp);
  EXPECT_EQ(delta->duration, 33'333us);
}

TEST_F(OpenH264EncoderTest, ForcedKeyFrameComesAtOnceWithTheSameParameterSets) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 600'000});
  ChunkLease first = Next();
  const std::vector<std::uint8_t> sets(first->data.begin(), first->data.begin() + 24);
  first.Reset();
  for (int i = 1; i < 40; ++i) {
    const bool force = i == 7 || i == 8 || i == 30;
    ChunkLease chunk = Next(force);
    ASSERT_EQ(chunk->key, force) << "frame " << i;
    if (force) {
      EXPECT_TRUE(std::equal(sets.begin(), sets.end(), chunk->data.begin())) << "frame " << i;
    }
  }
}

TEST_F(OpenH264EncoderTest, KeyFramesFollowTheInterval) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 600'000, .key_frame_interval = 500ms});
  std::vector<int> keys;
  for (int i = 0; i < 40; ++i) {
    if (Next(i == 20)->key) keys.push_back(i);
  }
  EXPECT_EQ(keys, (std::vector<int>{0, 15, 20, 35}));  // The forced one starts a new interval.
}

TEST_F(OpenH264EncoderTest, HoldsTheBitrateOverThreeSeconds) {
  for (const std::int64_t bitrate : {200'000, 600'000}) {
    Open({.width = kWidth, .height = kHeight, .bitrate = bitrate});
    EXPECT_NEAR(Bitrate(90), bitrate, 0.1 * bitrate);
  }
}

TEST_F(OpenH264EncoderTest, NewBitrateTakesEffectWithoutAKeyFrame) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 600'000});
  Bitrate(60);
  for (const std::int64_t bitrate : {250'000, 800'000}) {
    ASSERT_TRUE(encoder_->SetBitrate(bitrate));
    EXPECT_FALSE(Next()->key);
    Bitrate(15);  // Settles.
    EXPECT_NEAR(Bitrate(60), bitrate, 0.1 * bitrate);
  }
}

TEST_F(OpenH264EncoderTest, LowerFrameRateSpendsMoreOnAFrame) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 300'000});
  Bitrate(30);
  ASSERT_TRUE(encoder_->SetFrameRate(15));
  EXPECT_FALSE(Next()->key);
  Bitrate(15);
  EXPECT_NEAR(Bitrate(60), 600'000, 90'000);  // Bitrate() still counts 30 frames to the second.
}

TEST_F(OpenH264EncoderTest, ThreadsMakeSlicesOfOneAccessUnit) {
  Open({.width = 640, .height = 360, .bitrate = 600'000, .threads = 2});
  PlainDecoder decoder;
  VideoFrame decoded;
  for (int i = 0; i < 5; ++i) {
    ChunkLease chunk = Next();
    EXPECT_EQ(NalTypes(*chunk), (i == 0 ? std::vector<int>{7, 8, 5, 5} : std::vector<int>{1, 1}));
    ASSERT_TRUE(decoder.Decode(*chunk, decoded));
    EXPECT_GT(LumaPsnr(frame_, decoded), 30);
  }
}

TEST_F(OpenH264EncoderTest, Nv12GivesTheSameStreamAsI420) {
  const VideoEncoderConfig config{.width = kWidth, .height = kHeight, .bitrate = 400'000};
  Open(config);
  auto other = OpenH264Encoder::Create(config);
  ASSERT_TRUE(other);
  VideoFrame nv12;
  for (int i = 0; i < 5; ++i) {
    ChunkLease planar = Next();
    ShapeFrame(nv12, PixelFormat::kNv12, kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        nv12.planes[0].data[y * nv12.planes[0].stride + x] =
            frame_.planes[0].data[y * frame_.planes[0].stride + x];
        nv12.planes[1].data[y / 2 * nv12.planes[1].stride + x] =
            frame_.planes[1 + x % 2].data[y / 2 * frame_.planes[1].stride + x / 2];
      }
    }
    nv12.capture_time = frame_.capture_time;
    auto chunk = (*other)->Encode(nv12, false, pool_);
    ASSERT_TRUE(chunk && *chunk);
    EXPECT_EQ((*chunk)->data, planar->data) << "frame " << i;
  }
}

TEST_F(OpenH264EncoderTest, EmptyPoolLosesAFrameButNotTheStream) {
  Open({.width = kWidth, .height = kHeight, .bitrate = 400'000});
  PlainDecoder decoder;
  VideoFrame decoded;
  ASSERT_TRUE(decoder.Decode(*Next(), decoded));
  {
    ChunkLease one = pool_.Acquire();
    ChunkLease two = pool_.Acquire();
    auto chunk = encoder_->Encode(frame_, false, pool_);
    ASSERT_FALSE(chunk);
    EXPECT_EQ(chunk.error().code, ErrorCode::kOverflow);
  }
  ++index_;
  ASSERT_TRUE(decoder.Decode(*Next(), decoded));
  EXPECT_GT(LumaPsnr(frame_, decoded), 30);
}

TEST_F(OpenH264EncoderTest, RefusesWhatItCannotDo) {
  struct Case {
    const char* what;
    VideoEncoderConfig config;
  };
  const Case cases[] = {
      {"no size", {}},
      {"odd width", {.width = 321, .height = kHeight}},
      {"too small", {.width = kWidth, .height = 8}},
      {"too wide", {.width = 40'000, .height = kHeight}},
      {"too large in all", {.width = 8'000, .height = 8'000}},
      {"no bitrate", {.width = kWidth, .height = kHeight, .bitrate = 0}},
      {"bitrate beyond int", {.width = kWidth, .height = kHeight, .bitrate = 3'000'000'000}},
      {"no frame rate", {.width = kWidth, .height = kHeight, .frame_rate = 0}},
      {"frame rate above 60", {.width = kWidth, .height = kHeight, .frame_rate = 120}},
  };
  for (const Case& test : cases) {
    auto encoder = OpenH264Encoder::Create(test.config);
    ASSERT_FALSE(encoder) << test.what;
    EXPECT_EQ(encoder.error().code, ErrorCode::kInvalidArgument) << test.what;
  }
  Open({.width = kWidth, .height = kHeight});
  EXPECT_FALSE(encoder_->SetBitrate(-1));
  EXPECT_FALSE(encoder_->SetFrameRate(0));
  VideoFrame wrong;
  ShapeFrame(wrong, PixelFormat::kI420, 640, 360);
  EXPECT_FALSE(encoder_->Encode(wrong, false, pool_));
}

}  // namespace
}  // namespace boardcast
