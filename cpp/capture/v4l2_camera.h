#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/unique_fd.h"
#include "capture/v4l2_modes.h"
#include "capture/video_source.h"

namespace boardcast {

/// `camera:` a V4L2 device by the single-planar streaming interface with mapped buffers. Frames are
/// copied (or converted) into the pool, so that the driver gets its buffer back at once.
///
/// Thread: as VideoSource.
/// Source: the kernel's Video for Linux API, "Streaming I/O (Memory Mapping)".
class V4l2Camera : public VideoSource {
 public:
  struct Options {
    VideoFormat wanted{};     ///< Size and frame rate; the nearest that the camera has is taken.
    std::size_t buffers = 6;  ///< Frames in the pool.
  };

  static Result<std::unique_ptr<V4l2Camera>> Open(const std::string& path, const Options& options);
  ~V4l2Camera() override;

  /// What the camera really delivers.
  const VideoFormat& format() const override { return format_; }
  SourceWait Wait(Timestamp now) override;
  Result<VideoFrameLease> Read(Timestamp now) override;
  std::uint64_t skipped() const override { return skipped_; }

 private:
  /// One driver buffer, mapped for as long as this lives.
  class Mapping {
   public:
    Mapping(void* address, std::size_t size) : address_(address), size_(size) {}
    Mapping(Mapping&& other) noexcept;
    ~Mapping();
    Bytes bytes() const { return {static_cast<const std::uint8_t*>(address_), size_}; }

   private:
    void* address_;
    std::size_t size_;
  };

  V4l2Camera(UniqueFd fd, std::string path);
  Status Configure(const Options& options);
  Status SetFrameRate(double wanted);
  Status StartStreaming();
  /// The picture in driver buffer `index` as a frame of ours; empty if it is broken.
  VideoFrameLease TakeFrame(std::uint32_t index, std::size_t size);
  Error Failure(std::string_view call, int sys_errno) const;

  UniqueFd fd_;
  std::string path_;
  VideoFormat format_;
  std::uint32_t fourcc_ = 0;
  int stride_ = 0;  ///< Bytes from one luma (or packed) row to the next.
  std::vector<Mapping> mappings_;
  std::optional<VideoFramePool> pool_;
  std::optional<Timestamp> first_capture_;
  std::uint64_t skipped_ = 0;
};

}  // namespace boardcast
