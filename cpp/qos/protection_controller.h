#pragma once

#include <optional>

#include "base/time.h"

namespace boardcast {

/// Decides how much forward error correction a stream carries, from the loss that the receiver
/// reports: quick to add, slow to take away.
///
/// Pure. Thread: network loop.
class ProtectionController {
 public:
  /// A receiver report says that `fraction_lost` (0 to 1) of the packets since the last report were
  /// lost. Values that make no sense are ignored.
  void OnLossReport(double fraction_lost, Timestamp now);

  /// The measured round trip; negative ones are ignored.
  void OnRoundTrip(Duration round_trip);

  /// Repair packets for each media packet, 0 to 0.5. 0.20 until the first report. Without reports
  /// the last value stays.
  double repair_ratio(Timestamp now) const;

  /// The same for key frames, on which all frames up to the next one depend: 0 to 1.
  double key_frame_ratio(Timestamp now) const;

  /// How often a packet is sent in answer to one request, 1 or 3. On a long lossy path a lost
  /// retransmission costs a whole round trip, which the receiver may not have.
  int retransmission_copies() const;

  /// The loss that is reckoned with at `now`, 0 to 1.
  double expected_loss(Timestamp now) const;

 private:
  // The loss for which the table gives the ratio to start with, 0.20.
  static constexpr double kInitialLoss = 0.05;

  double recent_ = kInitialLoss;  ///< Smoothed over the noise of single reports.
  double expected_ = kInitialLoss;
  std::optional<Timestamp> last_report_;
  Duration round_trip_{0};
};

}  // namespace boardcast
