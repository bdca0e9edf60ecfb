#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flags/output_flags.h"
#include "cli/flags/style_flags.h"
#include "report/report.h"

namespace clipcls {

class CommandDeclaration;

/// How the rows of classified images are written, and where to.
struct ResultFlags {
  std::optional<ReportFormat> given_format;  ///< none: see format()
  OutputFlags output;
  bool is_resumed = false;           ///< resume what is in the output
  bool retries_errors = false;       ///< then: images that failed are done again
  bool updates = false;              ///< then: images that have changed are done again
  bool is_long = false;              ///< tables: a row a prediction
  bool escapes_formulas = false;     ///< tables
  bool has_byte_order_mark = false;  ///< tables
  StyleFlags style;                  ///< text

  /// Adds --format, --output, --overwrite, --resume, --retry-errors, --update, --long,
  /// --escape-formulas, --bom, --color and --hyperlink.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage) that names the flags that do not fit together.
  void validate() const;

  /// What --format says, else the ending of --output, else text. Throws Error (kUsage).
  ReportFormat format() const;
};

/// What a ReportWriter is to know; the kind of score and the number of images are left to the caller.
ReportOptions report_options(const ResultFlags& flags, std::size_t top_k, AnswerNames labels);

}  // namespace clipcls
