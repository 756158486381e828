#include "play/wav_writer.h"

#include <gtest/gtest.h>

#include "testing/file_size_limit.h"
#include "testing/temp_folder.h"

namespace boardcast {
namespace {

constexpr std::size_t kHeaderSize = 44;

AudioBlock MakeBlock(int channels, int value) {
  AudioBlock block;
  block.channels = channels;
  for (std::int16_t& sample : block.data()) sample = static_cast<std::int16_t>(value);
  return block;
}

std::uint32_t Number(const std::string& file, std::size_t offset, int size) {
  std::uint32_t value = 0;
  for (int i = size; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(file[offset + i]);
  return value;
}

TEST(WavWriter, WritesAPlayableFile) {
  const TempFolder folder;
  for (const int channels : {1, 2}) {
    auto writer = WavWriter::Create(folder.Path("out.wav"));
    ASSERT_TRUE(writer);
    for (int n = 0; n < 33; ++n) EXPECT_TRUE((*writer)->Write(MakeBlock(channels, n - 10)));
    EXPECT_TRUE((*writer)->Close());
    EXPECT_TRUE((*writer)->Close());
    const std::string file = folder.Read("out.wav");
    const std::size_t block = 960u * channels;
    ASSERT_EQ(file.size(), kHeaderSize + 33 * block);
    EXPECT_EQ(file.substr(0, 4) + file.substr(8, 8) + file.substr(36, 4), "RIFFWAVEfmt data");
    EXPECT_EQ(Number(file, 4, 4), file.size() - 8);
    EXPECT_EQ(Number(file, 20, 2), 1u);
    EXPECT_EQ(Number(file, 22, 2), static_cast<std::uint32_t>(channels));
    EXPECT_EQ(Number(file, 24, 4), 48'000u);
    EXPECT_EQ(Number(file, 28, 4), 96'000u * channels);
    EXPECT_EQ(Number(file, 32, 2), 2u * channels);
    EXPECT_EQ(Number(file, 34, 2), 16u);
    EXPECT_EQ(Number(file, 40, 4), file.size() - kHeaderSize);
    for (int n = 0; n < 33; ++n) {
      EXPECT_EQ(static_cast<std::int16_t>(Number(file, kHeaderSize + n * block, 2)), n - 10);
    }
  }
}

TEST(WavWriter, AKilledWriterLeavesSizesOfTheLastSecond) {
  const TempFolder folder;
  auto writer = WavWriter::Create(folder.Path("out.wav"));
  ASSERT_TRUE(writer);
  for (int n = 0; n < 250; ++n) EXPECT_TRUE((*writer)->Write(MakeBlock(1, n)));
  const std::string file = folder.Read("out.wav");  // As it is now, without Close().
  EXPECT_EQ(Number(file, 40, 4), 200u * 960);
  EXPECT_GE(file.size(), kHeaderSize + 240u * 960);
}

TEST(WavWriter, AnotherNumberOfChannelsIsRefused) {
  const TempFolder folder;
  auto writer = WavWriter::Create(folder.Path("out.wav"));
  ASSERT_TRUE(writer && (*writer)->Write(MakeBlock(2, 1)));
  auto wrong = (*writer)->Write(MakeBlock(1, 1));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArgument);
}

TEST(WavWriter, WhenTheDiskIsFullTheFileStaysPlayable) {
  const TempFolder folder;
  auto writer = WavWriter::Create(folder.Path("out.wav"));
  ASSERT_TRUE(writer);
  const FileSizeLimit limit(kHeaderSize +
                            50 * 960);  // Room for two pieces of 20 blocks and a half.
  Status status = Ok{};
  for (int n = 0; n < 100 && status; ++n) status = (*writer)->Write(MakeBlock(1, n));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kDiskFull);
  EXPECT_FALSE((*writer)->Write(MakeBlock(1, 0)) && (*writer)->Close());
  writer->reset();
  const std::string file = folder.Read("out.wav");
  EXPECT_EQ(file.size(), kHeaderSize + 40 * 960);
  EXPECT_EQ(Number(file, 40, 4), 40u * 960);
}

TEST(WavWriter, NothingWrittenLeavesAnEmptyFile) {
  const TempFolder folder;
  auto writer = WavWriter::Create(folder.Path("out.wav"));
  ASSERT_TRUE(writer);
  EXPECT_TRUE((*writer)->Close());
  EXPECT_EQ(folder.Read("out.wav"), "");
}

}  // namespace
}  // namespace boardcast
