#include "capture/v4l2_camera.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

#include "capture/frame_pool.h"
#include "capture/v4l2_convert.h"
#include "capture/v4l2_ioctl.h"

namespace boardcast {
namespace {

constexpr __u32 kDriverBuffers = 4;
constexpr Duration kMaxFrameAge = 1s;  // An older time stamp is of another clock.

/// When the driver saw the frame, if it says so by the clock that we use; else `now`.
Timestamp CaptureTime(const v4l2_buffer& buffer, Timestamp now) {
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
    return now;
  const Timestamp stamp =
      FromMicros(std::int64_t{buffer.timestamp.tv_sec} * 1'000'000 + buffer.timestamp.tv_usec);
  return stamp <= now && now - stamp < kMaxFrameAge ? stamp : now;
}

}  // namespace

V4l2Camera::Mapping::Mapping(Mapping&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), size_(other.size_) {}

V4l2Camera::Mapping::~Mapping() {
  if (address_ != nullptr) ::munmap(address_, size_);
}

Result<std::unique_ptr<V4l2Camera>> V4l2Camera::Open(const std::string& path,
                                                     const Options& options) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return SystemError("open", errno, path);
  v4l2_capability capability{};
  if (V4l2Ioctl(fd.get(), VIDIOC_QUERYCAP, &capability) != 0 || !CanCapture(capability)) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = path +
                            " is not a V4L2 camera with single-planar streaming; "
                            "`boardcast devices` lists the cameras",
                 .path = path};
  }
  std::unique_ptr<V4l2Camera> camera(new V4l2Camera(std::move(fd), path));
  Status status = camera->Configure(options);
  if (status) status = camera->StartStreaming();
  if (!status) return std::move(status).error();
  return camera;
}

V4l2Camera::V4l2Camera(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

V4l2Camera::~V4l2Camera() {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  V4l2Ioctl(fd_.get(), VIDIOC_STREAMOFF, &type);
}

Status V4l2Camera::Configure(const Options& options) {
  const auto mode = ChooseV4l2Mode(ListV4l2Modes(fd_.get(), options.wanted), options.wanted);
  if (!mode) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = path_ + " offers none of NV12, I420, YUYV and MJPEG",
                 .path = path_};
  }
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format.fmt.pix.width = static_cast<__u32>(mode->width);
  format.fmt.pix.height = static_cast<__u32>(mode->height);
  format.fmt.pix.pixelformat = mode->fourcc;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  if (V4l2Ioctl(fd_.get(), VIDIOC_S_FMT, &format) != 0) return Failure("VIDIOC_S_FMT", errno);
  const v4l2_pix_format& got = format.fmt.pix;
  if (got.pixelformat != mode->fourcc || got.width % 2 != 0 || got.height % 2 != 0) {
    return Error{.code = ErrorCode::kUnsupported,
                 .message = path_ + " did not accept the format that it offers",
                 .path = path_};
  }
  fourcc_ = got.pixelformat;
  format_.pixel_format = fourcc_ == V4L2_PIX_FMT_NV12 ? PixelFormat::kNv12 : PixelFormat::kI420;
  format_.width = static_cast<int>(got.width);
  format_.height = static_cast<int>(got.height);
  const int row = fourcc_ == V4L2_PIX_FMT_YUYV ? 2 * format_.width : format_.width;
  stride_ = std::max(row, static_cast<int>(got.bytesperline));
  Status status = SetFrameRate(options.wanted.frame_rate);
  if (!status) return status;
  pool_.emplace(MakeFramePool(format_, options.buffers));
  return Ok{};
}

Status V4l2Camera::SetFrameRate(double wanted) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  v4l2_fract& interval = parameters.parm.capture.timeperframe;
  interval.numerator = 1000;
  interval.denominator = static_cast<__u32>(std::lround(wanted * 1000));
  format_.frame_rate = wanted;
  if (V4l2Ioctl(fd_.get(), VIDIOC_S_PARM, &parameters) != 0) {
    // Many drivers have one rate only and refuse; that is no reason not to use them.
    return errno == ENODEV ? Status(Failure("VIDIOC_S_PARM", errno)) : Status(Ok{});
  }
  if (interval.numerator > 0 && interval.denominator > 0) {
    format_.frame_rate = static_cast<double>(interval.denominator) / interval.numerator;
  }
  return Ok{};
}

Status V4l2Camera::StartStreaming() {
  v4l2_requestbuffers request{};
  request.count = kDriverBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (V4l2Ioctl(fd_.get(), VIDIOC_REQBUFS, &request) != 0) return Failure("VIDIOC_REQBUFS", errno);
  mappings_.reserve(request.count);
  for (__u32 index = 0; index < request.count; ++index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    if (V4l2Ioctl(fd_.get(), VIDIOC_QUERYBUF, &buffer) != 0) {
      return Failure("VIDIOC_QUERYBUF", errno);
    }
    void* address = ::mmap(nullptr, buffer.length, PROT_READ, MAP_SHARED, fd_.get(),
                           static_cast<off_t>(buffer.m.offset));
    if (address == MAP_FAILED) return Failure("mmap", errno);
    mappings_.emplace_back(address, buffer.length);
    if (V4l2Ioctl(fd_.get(), VIDIOC_QBUF, &buffer) != 0) return Failure("VIDIOC_QBUF", errno);
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (V4l2Ioctl(fd_.get(), VIDIOC_STREAMON, &type) != 0) return Failure("VIDIOC_STREAMON", errno);
  return Ok{};
}

SourceWait V4l2Camera::Wait(Timestamp /*now*/) { return {.fd = fd_.get()}; }

Result<VideoFrameLease> V4l2Camera::Read(Timestamp now) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (V4l2Ioctl(fd_.get(), VIDIOC_DQBUF, &buffer) != 0) {
    if (errno == EAGAIN) return VideoFrameLease{};
    return Failure("VIDIOC_DQBUF", errno);
  }
  VideoFrameLease frame;
  if ((buffer.flags & V4L2_BUF_FLAG_ERROR) == 0) frame = TakeFrame(buffer.index, buffer.bytesused);
  const Timestamp captured = CaptureTime(buffer, now);
  if (V4l2Ioctl(fd_.get(), VIDIOC_QBUF, &buffer) != 0) return Failure("VIDIOC_QBUF", errno);
  if (!frame) {
    ++skipped_;
    return frame;
  }
  if (!first_capture_) first_capture_ = captured;
  frame->capture_time = captured;
  frame->media_time_us = (captured - *first_capture_).count();
  frame->damaged = false;
  return frame;
}

VideoFrameLease V4l2Camera::TakeFrame(std::uint32_t index, std::size_t size) {
  if (index >= mappings_.size()) return {};
  const Bytes mapped = mappings_[index].bytes();
  VideoFrameLease frame = pool_->Acquire();
  if (!frame) return {};
  ShapeFrame(*frame, format_.pixel_format, format_.width, format_.height);
  const V4l2Picture picture{fourcc_, stride_, mapped.first(std::min(size, mapped.size()))};
  if (!ConvertV4l2Picture(picture, *frame)) return {};
  return frame;
}

Error V4l2Camera::Failure(std::string_view call, int sys_errno) const {
  Error error = SystemError(call, sys_errno, path_);
  if (sys_errno == ENODEV || sys_errno == EIO) {
    error.code = ErrorCode::kDeviceLost;
    error.message = path_ + ": the camera is gone (" + error.message + ")";
  }
  if (sys_errno == EBUSY) error.message = path_ + ": another program uses the camera";
  return error;
}

}  // namespace boardcast
