#pragma once

#include "capture/canvas.h"
#include "media/video_frame.h"

namespace boardcast {

/// Where everything is in the test picture, for any size from 64 x 64.
struct TestCardLayout {
  Rect bars;        ///< Colour bars that pan.
  Rect ramp;        ///< Grey steps.
  Rect zone_plate;  ///< Rings that become finer outwards.
  Rect gratings;    ///< Lines, squares and grain.
  Rect clock;       ///< Panel of the running clock and the frame number.
  Rect flash;       ///< White while the beep of `tone:` sounds.
  Rect sweep;       ///< Fills from left to right within each second.
  int clock_scale = 1;
  int number_scale = 1;
  int ball_radius = 8;
  Rect ball_path;  ///< Of its centre.
};

TestCardLayout LayOutTestCard(int width, int height);

/// Draws everything that does not move.
void DrawTestCard(VideoFrame& frame, const TestCardLayout& layout, double frame_rate);

/// Draws colour bars over the whole I420 `frame`, repeating every `period` pixels.
void DrawColorBars(VideoFrame& frame, int period);

}  // namespace boardcast
