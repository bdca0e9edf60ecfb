#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/encode_images.h"

namespace clipcls {

/// Where the time of a run goes, for --timings.
class Timings {
 public:
  /// The first stage is what came before: the start of the process.
  Timings();

  /// What was done since the last mark was `stage`.
  void mark(const std::string& stage);

  /// What the pipeline's threads add up to.
  EncodeTimes& encoding() { return encoding_; }

  /// The table, on standard error.
  void print() const;

 private:
  double last_ = 0;  ///< seconds since the process started
  std::vector<std::pair<std::string, double>> stages_;
  EncodeTimes encoding_;
};

}  // namespace clipcls
