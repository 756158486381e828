#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace boardcast {

/// Counters of one webrtc-stats dictionary as flat numbers: names are literals, times in seconds.
class StatsGroup {
 public:
  void Set(std::string_view name, double value) { values_.emplace_back(name, value); }
  bool empty() const { return values_.empty(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::vector<std::pair<std::string_view, double>> values_;
};

}  // namespace boardcast
