#include "capture/frame_barcode.h"

#include <algorithm>

#include "capture/canvas.h"

namespace boardcast {
namespace {

constexpr int kCells = 32;  // 24 bits of number, most significant first, then the check byte.
constexpr int kMinCell = 8;
constexpr std::uint8_t kDark = 24;
constexpr std::uint8_t kLight = 226;
constexpr int kThreshold = (kDark + kLight) / 2;
constexpr int kMinMargin = 32;  // A cell closer than this to the threshold is not believed.

struct Layout {
  int columns, rows, cell_width, cell_height, left, top;
};

/// Wide pictures have all cells in one row; narrow ones in two or four.
Layout LayoutFor(int width, int height) {
  Layout layout{};
  layout.columns = kCells;
  while (layout.columns > 8 && width / layout.columns < kMinCell) layout.columns /= 2;
  layout.rows = kCells / layout.columns;
  layout.cell_width = (width / layout.columns) & ~1;
  layout.cell_height = std::max(kMinCell, (height / 24) & ~1);
  layout.left = ((width - layout.columns * layout.cell_width) / 2) & ~1;
  layout.top = height - layout.rows * layout.cell_height;
  return layout;
}

/// CRC-8 (polynomial x^8 + x^2 + x + 1) with a start value that makes plain black and plain white
/// fail.
std::uint8_t CheckByte(std::uint32_t number) {
  std::uint8_t crc = 0x5a;
  for (int shift = kBarcodeBits - 8; shift >= 0; shift -= 8) {
    crc ^= static_cast<std::uint8_t>(number >> shift);
    for (int bit = 0; bit < 8; ++bit) {
      crc = static_cast<std::uint8_t>(crc << 1 ^ ((crc & 0x80) != 0 ? 0x07 : 0));
    }
  }
  return crc;
}

/// Mean of the middle of the cell, away from the ringing at its edges.
int CellMean(const Plane& luma, const Layout& layout, int cell) {
  const int left = layout.left + cell % layout.columns * layout.cell_width;
  const int top = layout.top + cell / layout.columns * layout.cell_height;
  int sum = 0;
  int count = 0;
  for (int y = top + layout.cell_height / 4; y < top + layout.cell_height * 3 / 4; ++y) {
    for (int x = left + layout.cell_width / 4; x < left + layout.cell_width * 3 / 4; ++x) {
      sum += luma.data[static_cast<std::ptrdiff_t>(y) * luma.stride + x];
      ++count;
    }
  }
  return sum / count;
}

}  // namespace

int BarcodeHeight(int width, int height) {
  const Layout layout = LayoutFor(width, height);
  return layout.rows * layout.cell_height;
}

void DrawBarcode(VideoFrame& frame, std::uint32_t number) {
  const Layout layout = LayoutFor(frame.width, frame.height);
  const std::uint32_t word = number << 8 | CheckByte(number);
  for (int cell = 0; cell < kCells; ++cell) {
    const bool light = (word >> (kCells - 1 - cell) & 1) != 0;
    const Rect rect{layout.left + cell % layout.columns * layout.cell_width,
                    layout.top + cell / layout.columns * layout.cell_height, layout.cell_width,
                    layout.cell_height};
    FillRect(frame, rect, {light ? kLight : kDark, 128, 128});
  }
}

std::optional<std::uint32_t> ReadBarcode(const VideoFrame& frame) {
  const Layout layout = LayoutFor(frame.width, frame.height);
  if (layout.cell_width < kMinCell || layout.top < 0) return std::nullopt;
  std::uint32_t word = 0;
  for (int cell = 0; cell < kCells; ++cell) {
    const int level = CellMean(frame.planes[0], layout, cell) - kThreshold;
    if (level > -kMinMargin && level < kMinMargin) return std::nullopt;
    word = word << 1 | (level > 0 ? 1 : 0);
  }
  const std::uint32_t number = word >> 8;
  if ((word & 0xff) != CheckByte(number)) return std::nullopt;
  return number;
}

}  // namespace boardcast
