#include "capture/y4m_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include "capture/y4m_header.h"
#include "testing/temp_folder.h"

namespace boardcast {
namespace {

const Timestamp t0 = FromMicros(5'000'000);
constexpr char kHeader[] = "YUV4MPEG2 W32 H16 F25:1 Ip A1:1 C420jpeg\n";

/// `count` frames of 32x16; the pixels of plane p of frame n have the value 10 n + p.
std::string Frames(int count) {
  std::string bytes;
  for (int n = 0; n < count; ++n) {
    bytes += n % 2 == 0 ? "FRAME\n" : "FRAME Ip\n";
    bytes += std::string(32 * 16, static_cast<char>(10 * n));
    bytes += std::string(16 * 8, static_cast<char>(10 * n + 1));
    bytes += std::string(16 * 8, static_cast<char>(10 * n + 2));
  }
  return bytes;
}

Result<std::unique_ptr<Y4mReader>> Unpaced(const std::string& path, bool loop = false) {
  return Y4mReader::Open(path, {.paced = false, .loop = loop});
}

TEST(Y4mReader, DeliversEveryFrameAndThenTheEnd) {
  const TempFolder folder;
  auto reader = Unpaced(folder.Write("clip.y4m", kHeader + Frames(3)));
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ((*reader)->format(), (VideoFormat{PixelFormat::kI420, 32, 16, 25}));
  for (int n = 0; n < 3; ++n) {
    auto frame = (*reader)->Read(t0);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->media_time_us, n * 40'000);
    EXPECT_EQ((*frame)->capture_time, t0);
    for (int p = 0; p < 3; ++p) {
      const Plane& plane = (*frame)->planes[p];
      for (int y = 0; y < plane.height; ++y) {
        for (int x = 0; x < plane.width; ++x) {
          ASSERT_EQ(plane.data[y * plane.stride + x], 10 * n + p);
        }
      }
    }
  }
  for (int again = 0; again < 2; ++again) {
    auto end = (*reader)->Read(t0);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, ErrorCode::kEndOfStream);
  }
}

TEST(Y4mReader, LoopsWithTimeGoingOn) {
  const TempFolder folder;
  auto reader = Unpaced(folder.Write("clip.y4m", kHeader + Frames(3)), true);
  ASSERT_TRUE(reader);
  for (int n = 0; n < 10; ++n) {
    auto frame = (*reader)->Read(t0);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->planes[0].data[0], 10 * (n % 3));
    EXPECT_EQ((*frame)->media_time_us, n * 40'000);
  }
}

TEST(Y4mReader, ALateReaderSkipsFrames) {
  const TempFolder folder;
  auto reader = Y4mReader::Open(folder.Write("clip.y4m", kHeader + Frames(5)), {.loop = true});
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->Wait(t0).due, t0);
  auto frame = (*reader)->Read(t0 + 1s);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->media_time_us, 1'000'000);
  EXPECT_EQ((*frame)->planes[0].data[0], 0);  // Frame 25 of a loop of 5.
  EXPECT_EQ((*reader)->skipped(), 25u);
}

TEST(Y4mReader, ACutFileDeliversItsWholeFramesFirst) {
  const TempFolder folder;
  const std::string whole = kHeader + Frames(3);
  // Within the last plane, the first one, at its beginning and in the header of the frame.
  for (const std::size_t cut : {1, 2, 100, 600, 767, 768, 769, 773}) {
    SCOPED_TRACE(cut);
    auto reader = Unpaced(folder.Write("cut.y4m", whole.substr(0, whole.size() - cut)), true);
    ASSERT_TRUE(reader);
    for (int n = 0; n < 2; ++n) {
      auto frame = (*reader)->Read(t0);
      ASSERT_TRUE(frame && *frame);
    }
    for (int again = 0; again < 2; ++again) {
      auto third = (*reader)->Read(t0);
      ASSERT_FALSE(third);
      EXPECT_EQ(third.error().code, ErrorCode::kTruncated) << third.error().message;
    }
  }
}

TEST(Y4mReader, ErrorsNameTheFileAndSayWhatIsRight) {
  const TempFolder folder;
  const struct {
    const char* name;
    std::string content;
    ErrorCode code;
    const char* says;
  } cases[] = {
      {"empty", "", ErrorCode::kTruncated, "empty"},
      {"text", "hello\n", ErrorCode::kMalformed, "YUV4MPEG2"},
      {"jpeg", "\xff\xd8\xff\xe0" + std::string(5000, 'x'), ErrorCode::kMalformed,
       "not a Y4M file"},
      {"almost", "YUV4MPEG22 W32 H16\n", ErrorCode::kMalformed, "YUV4MPEG2"},
      {"cut header", "YUV4MPEG2 W32 H16", ErrorCode::kTruncated, "ends within a header"},
      {"no size", "YUV4MPEG2 F25:1\n", ErrorCode::kMalformed, "W and H"},
      {"bad size", "YUV4MPEG2 Wx H16\n", ErrorCode::kMalformed, "Wx"},
      {"negative", "YUV4MPEG2 W-32 H16\n", ErrorCode::kMalformed, "W-32"},
      {"overflow", "YUV4MPEG2 W99999999999 H16\n", ErrorCode::kMalformed, "W99999999999"},
      {"odd", "YUV4MPEG2 W33 H17\n", ErrorCode::kUnsupported, "even"},
      {"huge", "YUV4MPEG2 W8192 H8192\n", ErrorCode::kUnsupported, "4096x2304"},
      {"bad rate", "YUV4MPEG2 W32 H16 F25\n", ErrorCode::kMalformed, "F25"},
      {"zero rate", "YUV4MPEG2 W32 H16 F25:0\n", ErrorCode::kMalformed, "F25:0"},
      {"422", "YUV4MPEG2 W32 H16 C422\n", ErrorCode::kUnsupported, "yuv420p"},
      {"ten bits", "YUV4MPEG2 W32 H16 C420p10\n", ErrorCode::kUnsupported, "8-bit 4:2:0"},
      {"interlaced", "YUV4MPEG2 W32 H16 It\n", ErrorCode::kUnsupported, "deinterlace"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const std::string path = folder.Write(std::string(test.name) + ".y4m", test.content);
    auto reader = Unpaced(path);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, test.code) << reader.error().message;
    EXPECT_NE(reader.error().message.find(test.says), std::string::npos) << reader.error().message;
    EXPECT_NE(reader.error().message.find(path), std::string::npos) << reader.error().message;
    EXPECT_EQ(reader.error().path, path);
  }
}

TEST(Y4mReader, MissingFileAndFolder) {
  const TempFolder folder;
  auto missing = Unpaced(folder.Path("none.y4m"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("none.y4m"), std::string::npos);
  auto directory = Unpaced(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::kInvalidArgument);
}

TEST(Y4mReader, ReadsAFifoAsItIsWritten) {
  constexpr int kCount = 200;  // More than a pipe holds.
  const TempFolder folder;
  const std::string path = folder.Path("fifo.y4m");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto empty = Unpaced(path);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::kTruncated);
  auto file = FileReader::Open(path);
  ASSERT_TRUE(file) << file.error().message;
  UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(writer.valid());
  std::thread thread([fd = std::move(writer)] {
    const std::string bytes = kHeader + Frames(kCount);
    EXPECT_EQ(::write(fd.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  });
  auto reader = Y4mReader::Open(std::move(*file), {.paced = false});
  EXPECT_TRUE(reader);
  int count = 0;
  while (reader && (*reader)->Read(t0)) ++count;
  EXPECT_EQ(count, kCount);
  if (reader) reader->reset();  // A writer that is still at it must not wait for ever.
  thread.join();
}

TEST(Y4mReader, AHeaderWithoutFramesAndABrokenFrameHeader) {
  const TempFolder folder;
  for (const bool loop : {false, true}) {
    auto reader = Unpaced(folder.Write("no-frames.y4m", kHeader), loop);
    ASSERT_TRUE(reader);
    auto frame = (*reader)->Read(t0);
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::kTruncated);
  }
  auto reader = Unpaced(folder.Write("broken.y4m", kHeader + Frames(1) + "FRAMES\n"));
  ASSERT_TRUE(reader);
  EXPECT_TRUE((*reader)->Read(t0));
  auto broken = (*reader)->Read(t0);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::kMalformed);
}

TEST(Y4mHeader, Variants) {
  EXPECT_EQ(ParseY4mHeader("YUV4MPEG2 W32 H16")->frame_rate, 30);
  EXPECT_EQ(ParseY4mHeader("YUV4MPEG2 W32 H16 F0:0")->frame_rate, 30);
  EXPECT_DOUBLE_EQ(ParseY4mHeader("YUV4MPEG2 W32 H16 F30000:1001")->frame_rate, 30000.0 / 1001);
  for (const char* chroma : {"", " C420", " C420jpeg", " C420paldv", " C420mpeg2", " XYSCSS=420"}) {
    const auto format = ParseY4mHeader(std::string("YUV4MPEG2  H16 W32 I? A0:0") + chroma);
    ASSERT_TRUE(format) << chroma;
    EXPECT_EQ(format->width, 32);
    EXPECT_EQ(format->height, 16);
  }
  EXPECT_TRUE(IsY4mFrameHeader("FRAME"));
  EXPECT_TRUE(IsY4mFrameHeader("FRAME Ip XCOMMENT"));
  EXPECT_FALSE(IsY4mFrameHeader("FRAM"));
  EXPECT_FALSE(IsY4mFrameHeader("FRAMEX"));
}

}  // namespace
}  // namespace boardcast
