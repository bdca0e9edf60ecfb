#pragma once

#include <string>
#include <utility>

#include "report/report.h"

namespace clipcls {

/// json (one array) and jsonl (one object a line): {"image", "predictions": [{"label", "score",
/// "similarity"}]} or
/// {"image", "error": {"kind", "message"}}. Bytes of a path that are not UTF-8 become U+FFFD, and the path
/// itself follows as "image_bytes", base64.
class JsonReport final : public ReportWriter {
 public:
  JsonReport(std::ostream& output, ReportOptions options, bool is_array)
      : output_(&output), options_(std::move(options)), is_array_(is_array) {}
  /// On a terminal, writes a row that is held back.
  ~JsonReport() override;
  JsonReport(const JsonReport&) = delete;
  JsonReport& operator=(const JsonReport&) = delete;
  JsonReport(JsonReport&&) = delete;
  JsonReport& operator=(JsonReport&&) = delete;
  void write(const ImageResult& result) override;
  void finish() override;

 private:
  void write_row(const std::string& row);

  std::ostream* output_;
  ReportOptions options_;
  bool is_array_;
  bool is_first_ = true;
  // What stands behind a row of an array is known with the next one. On a terminal the row waits for it, so
  // that its line is whole whenever a message comes in between.
  std::string held_back_;
};

}  // namespace clipcls
