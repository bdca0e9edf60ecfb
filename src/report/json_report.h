#pragma once

#include "clipcls/report/report.h"

namespace clipcls {

/// json (one array) and jsonl (one object a line): {"image", "predictions": [{"label", "score",
/// "similarity"}]} or
/// {"image", "error": {"kind", "message"}}. Bytes of a path that are not UTF-8 become U+FFFD, and the path
/// itself follows as "image_bytes", base64.
class JsonReport final : public ReportWriter {
 public:
  JsonReport(std::ostream& output, ReportOptions options, bool is_array)
      : output_(&output), options_(std::move(options)), is_array_(is_array) {}
  void write(const ImageResult& result) override;
  void finish() override;

 private:
  std::ostream* output_;
  ReportOptions options_;
  bool is_array_;
  bool is_first_ = true;
};

}  // namespace clipcls
