#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "pipeline/image_result.h"
#include "report/text_style.h"
#include "zero_shot/answer_names.h"

namespace clipcls {

enum class ReportFormat {
  kText,   ///< blocks for people
  kJson,   ///< one array
  kJsonl,  ///< one object a line, flushed a line at a time
  kHtml,   ///< one page with thumbnails, which needs no other file
  kCsv,    ///< RFC 4180, for spreadsheets and databases: see table_cells.h
  kTsv,    ///< one line a row whatever a name holds, for the shell
};

/// csv and tsv: a table with a header.
constexpr bool is_table(ReportFormat format) {
  return format == ReportFormat::kCsv || format == ReportFormat::kTsv;
}

struct ReportOptions {
  AnswerNames labels;
  ScoreKind score_kind = ScoreKind::kSoftmax;
  bool has_several_images = false;    ///< text names each image before its block
  std::size_t top_k = 5;              ///< predictions of an image, at most: columns of a table
  bool is_long = false;               ///< tables: a row a prediction, not a row an image
  bool escapes_formulas = false;      ///< tables: no spreadsheet takes a text for a formula
  bool has_byte_order_mark = false;   ///< tables: begin with U+FEFF, by which Excel knows UTF-8
  bool is_terminal = false;           ///< csv: control characters are made visible
  bool is_continued = false;          ///< tables: rows are there already, and the header with them
  std::string model{};                ///< html: which model it was, for the heading
  std::string folder{};               ///< where the output lies, for the links of html; empty: here
  TextStyle style{};                  ///< text
  std::optional<double> threshold{};  ///< below which predictions were left out, so that there may be none
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
