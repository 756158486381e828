#include "decode/openh264_decoder.h"

#include <gtest/gtest.h>
#include <wels/codec_api.h>

#include <memory>
#include <utility>
#include <vector>

#include "testing/moving_picture.h"
#include "testing/random.h"

namespace boardcast {
namespace {

constexpr int kWidth = 320;
constexpr int kHeight = 192;

struct DestroyEncoder {
  void operator()(ISVCEncoder* encoder) const {
    encoder->Uninitialize();
    WelsDestroySVCEncoder(encoder);
  }
};

struct StreamConfig {
  EProfileIdc profile = PRO_BASELINE;
  bool cabac = false;
  int slices = 1;
  int width = kWidth;
  int height = kHeight;
};

/// Makes chunks of the moving picture with a bare OpenH264 encoder.
class TestStream {
 public:
  explicit TestStream(const StreamConfig& config = {}) : config_(config) {
    ISVCEncoder* encoder = nullptr;
    WelsCreateSVCEncoder(&encoder);
    encoder_.reset(encoder);
    int quiet = WELS_LOG_QUIET;
    encoder->SetOption(ENCODER_OPTION_TRACE_LEVEL, &quiet);
    SEncParamExt param;
    encoder->GetDefaultParams(&param);
    param.iPicWidth = config.width;
    param.iPicHeight = config.height;
    param.iTargetBitrate = 400'000;
    param.iRCMode = RC_BITRATE_MODE;
    param.fMaxFrameRate = 30;
    param.bEnableFrameSkip = false;
    param.iEntropyCodingModeFlag = config.cabac ? 1 : 0;
    param.iMultipleThreadIdc = config.slices;
    SSpatialLayerConfig& layer = param.sSpatialLayers[0];
    layer.iVideoWidth = config.width;
    layer.iVideoHeight = config.height;
    layer.fFrameRate = 30;
    layer.iSpatialBitrate = param.iTargetBitrate;
    layer.uiProfileIdc = config.profile;
    layer.sSliceArgument.uiSliceMode = config.slices > 1 ? SM_FIXEDSLCNUM_SLICE : SM_SINGLE_SLICE;
    layer.sSliceArgument.uiSliceNum = config.slices;
    EXPECT_EQ(encoder->InitializeExt(&param), 0);
  }

  EncodedChunk Next(bool force_key = false) {
    DrawMovingPicture(picture_, config_.width, config_.height, index_++);
    SSourcePicture source{};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = config_.width;
    source.iPicHeight = config_.height;
    source.uiTimeStamp = index_ * 33;
    for (int p = 0; p < 3; ++p) {
      source.pData[p] = picture_.planes[p].data;
      source.iStride[p] = picture_.planes[p].stride;
    }
    if (force_key) encoder_->ForceIntraFrame(true);
    SFrameBSInfo info{};
    EXPECT_EQ(encoder_->EncodeFrame(&source, &info), 0);
    EncodedChunk chunk;
    chunk.key = info.eFrameType == videoFrameTypeIDR;
    chunk.capture_time = FromMicros(9'000'000 + index_ * 33'333LL);
    chunk.media_time_us = index_ * 33'333LL;
    chunk.rtp_timestamp = 77 + index_ * 3000;
    for (int l = 0; l < info.iLayerNum; ++l) {
      const SLayerBSInfo& layer = info.sLayerInfo[l];
      const std::uint8_t* at = layer.pBsBuf;
      for (int n = 0; n < layer.iNalCount; at += layer.pNalLengthInByte[n++]) {
        chunk.data.insert(chunk.data.end(), at, at + layer.pNalLengthInByte[n]);
      }
    }
    return chunk;
  }

  /// Source of the last chunk.
  const VideoFrame& picture() const { return picture_; }

 private:
  const StreamConfig config_;
  std::unique_ptr<ISVCEncoder, DestroyEncoder> encoder_;
  VideoFrame picture_;
  int index_ = 0;
};

class OpenH264DecoderTest : public testing::Test {
 protected:
  void SetUp() override {
    auto decoder = OpenH264Decoder::Create();
    ASSERT_TRUE(decoder);
    decoder_ = std::move(decoder).value();
  }

  VideoFrameLease Decode(const EncodedChunk& chunk) {
    auto frame = decoder_->Decode(chunk, pool_);
    EXPECT_TRUE(frame);
    return frame ? std::move(frame).value() : VideoFrameLease();
  }

  /// A whole, undamaged picture that looks like its source.
  void ExpectGood(const EncodedChunk& chunk, const TestStream& stream) {
    VideoFrameLease frame = Decode(chunk);
    ASSERT_TRUE(frame);
    EXPECT_FALSE(frame->damaged);
    EXPECT_GT(LumaPsnr(*frame, stream.picture()), 30);
  }

  std::unique_ptr<VideoDecoder> decoder_;
  VideoFramePool pool_{2};
};

TEST_F(OpenH264DecoderTest, EachChunkGivesItsOwnPictureAtOnce) {
  const std::pair<const char*, StreamConfig> streams[] = {
      {"baseline", {}},
      {"slices", {.slices = 3}},
      {"main", {.profile = PRO_MAIN, .cabac = true}},
      {"high", {.profile = PRO_HIGH, .cabac = true}},
      {"cropped", {.width = 328, .height = 180}},
  };
  for (const auto& [name, config] : streams) {
    SCOPED_TRACE(name);
    SetUp();
    TestStream stream(config);
    for (int i = 0; i < 30; ++i) {
      const EncodedChunk chunk = stream.Next();
      VideoFrameLease frame = Decode(chunk);
      ASSERT_TRUE(frame) << "frame " << i;
      ASSERT_EQ(frame->width, config.width);
      ASSERT_EQ(frame->height, config.height);
      EXPECT_EQ(frame->pixel_format, PixelFormat::kI420);
      EXPECT_EQ(frame->capture_time, chunk.capture_time);
      EXPECT_EQ(frame->media_time_us, chunk.media_time_us);
      EXPECT_EQ(frame->rtp_timestamp, chunk.rtp_timestamp);
      EXPECT_FALSE(frame->damaged);
      EXPECT_GT(LumaPsnr(*frame, stream.picture()), 30) << "frame " << i;
    }
  }
}

TEST_F(OpenH264DecoderTest, LostFrameDamagesAllUntilTheNextKeyFrame) {
  for (const StreamConfig& config :
       {StreamConfig{}, StreamConfig{.profile = PRO_HIGH, .cabac = true}}) {
    SetUp();
    TestStream stream(config);
    for (int i = 0; i < 30; ++i) {
      const EncodedChunk chunk = stream.Next(i == 20);
      if (i == 10) continue;
      VideoFrameLease frame = Decode(chunk);
      ASSERT_TRUE(frame) << "frame " << i;
      EXPECT_EQ(frame->damaged, i > 10 && i < 20) << "frame " << i;
      EXPECT_EQ(frame->rtp_timestamp, chunk.rtp_timestamp) << "frame " << i;
    }
  }
}

TEST_F(OpenH264DecoderTest, IncompleteChunkDamagesAllUntilTheNextWholeKeyFrame) {
  for (const int slices : {1, 3}) {
    SetUp();
    TestStream stream({.slices = slices});
    for (int i = 0; i < 40; ++i) {
      EncodedChunk chunk = stream.Next(i == 20 || i == 30);
      if (i == 10 || i == 20) {
        chunk.data.resize(chunk.data.size() / 2);
        chunk.complete = false;
      }
      VideoFrameLease frame = Decode(chunk);
      ASSERT_TRUE(frame || !chunk.complete) << "frame " << i;
      if (!frame) continue;
      EXPECT_EQ(frame->damaged, i >= 10 && i < 30) << "frame " << i;
    }
  }
}

TEST_F(OpenH264DecoderTest, NoPictureBeforeTheFirstKeyFrame) {
  TestStream stream;
  stream.Next();
  EXPECT_FALSE(Decode(stream.Next()));
  const EncodedChunk key = stream.Next(true);
  ExpectGood(key, stream);
}

TEST_F(OpenH264DecoderTest, ResetWaitsForAKeyFrame) {
  TestStream stream;
  ExpectGood(stream.Next(), stream);
  decoder_->Reset();
  EXPECT_FALSE(Decode(stream.Next()));
  const EncodedChunk key = stream.Next(true);
  ExpectGood(key, stream);
}

TEST_F(OpenH264DecoderTest, SizeMayChangeInMidStream) {
  for (const auto& [width, height] :
       {std::pair{320, 192}, std::pair{640, 360}, std::pair{176, 144}}) {
    TestStream stream({.width = width, .height = height});
    for (int i = 0; i < 5; ++i) {
      const EncodedChunk chunk = stream.Next();
      VideoFrameLease frame = Decode(chunk);
      ASSERT_TRUE(frame) << width << " frame " << i;
      ASSERT_EQ(frame->width, width);
      ASSERT_EQ(frame->height, height);
      EXPECT_FALSE(frame->damaged);
      EXPECT_GT(LumaPsnr(*frame, stream.picture()), 30);
    }
  }
}

TEST_F(OpenH264DecoderTest, EmptyPoolLosesAPictureButNotTheStream) {
  TestStream stream;
  ExpectGood(stream.Next(), stream);
  {
    const VideoFrameLease one = pool_.Acquire();
    const VideoFrameLease two = pool_.Acquire();
    auto frame = decoder_->Decode(stream.Next(), pool_);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kOverflow);
  }
  const EncodedChunk chunk = stream.Next();
  ExpectGood(chunk, stream);
}

TEST_F(OpenH264DecoderTest, UnsupportedProfileIsAnError) {
  TestStream stream;
  EncodedChunk chunk = stream.Next();
  chunk.data[5] = 244;  // profile_idc, after the start code and the NAL header of the SPS.
  auto frame = decoder_->Decode(chunk, pool_);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, ErrorCode::kUnsupported);
  const EncodedChunk key = stream.Next(true);
  ExpectGood(key, stream);
}

TEST_F(OpenH264DecoderTest, GarbageGivesNothing) {
  EXPECT_FALSE(Decode({}));
  Random random(1);
  for (int i = 0; i < 200; ++i) {
    EncodedChunk chunk;
    chunk.data.resize(1 + random.Below(2000));
    for (auto& byte : chunk.data) byte = static_cast<std::uint8_t>(random.Next());
    EXPECT_FALSE(Decode(chunk));
  }
  TestStream stream;
  const EncodedChunk key = stream.Next();
  ExpectGood(key, stream);
}

TEST_F(OpenH264DecoderTest, CorruptStreamIsSurvivedAndAKeyFrameMendsIt) {
  for (const StreamConfig& config : {StreamConfig{}, StreamConfig{.slices = 3},
                                     StreamConfig{.profile = PRO_HIGH, .cabac = true}}) {
    SetUp();
    Random random(2);
    TestStream stream(config);
    for (int i = 0; i < 400; ++i) {
      const bool mend = i % 40 == 0;
      EncodedChunk chunk = stream.Next(mend || random.Chance(0.05));
      if (mend) {
        ExpectGood(chunk, stream);
        continue;
      }
      if (random.Chance(0.1)) continue;
      if (random.Chance(0.1)) chunk.data.resize(1 + random.Below(chunk.data.size()));
      if (random.Chance(0.2)) {
        for (int flips = 0; flips < 5; ++flips) {
          chunk.data[random.Below(chunk.data.size())] ^= 1 << random.Below(8);
        }
      }
      auto frame = decoder_->Decode(chunk, pool_);  // Any outcome will do but a crash.
      if (!frame || !*frame) continue;
      EXPECT_LE((*frame)->rtp_timestamp, chunk.rtp_timestamp);
    }
  }
}

}  // namespace
}  // namespace boardcast
