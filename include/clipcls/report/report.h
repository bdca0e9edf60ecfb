#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "clipcls/pipeline/image_result.h"

namespace clipcls {

enum class ReportFormat {
  kText,   ///< blocks for people
  kJson,   ///< one array
  kJsonl,  ///< one object a line, flushed a line at a time
};

struct ReportOptions {
  std::vector<std::string> labels;
  ScoreKind score_kind = ScoreKind::kSoftmax;
  bool has_several_images = false;  ///< text names each image before its block
  std::optional<double> threshold;  ///< below which predictions were left out, so that there may be none
};

/// Writes results as they come. Call write() for each result in order, then finish() once.
class ReportWriter {
 public:
  virtual ~ReportWriter() = default;
  virtual void write(const ImageResult& result) = 0;
  virtual void finish() = 0;

 protected:
  ReportWriter() = default;
  ReportWriter(const ReportWriter&) = default;
  ReportWriter& operator=(const ReportWriter&) = default;
  ReportWriter(ReportWriter&&) = default;
  ReportWriter& operator=(ReportWriter&&) = default;
};

/// A writer of `format` to `output`, which must outlive it.
std::unique_ptr<ReportWriter> make_report_writer(ReportFormat format, std::ostream& output,
                                                 ReportOptions options);

}  // namespace clipcls
