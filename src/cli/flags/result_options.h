#pragma once

#include <string>
#include <vector>

#include "clipcls/report/report.h"

namespace clipcls {

class CommandDeclaration;

/// How results are written, and where to.
struct ResultOptions {
  ReportFormat format = ReportFormat::kText;
  std::string output;             ///< empty: standard output
  bool overwrites = false;        ///< `output`, whatever it holds
  bool is_resumed = false;        ///< go on with what is in `output`
  bool is_long = false;           ///< tables: a row a prediction
  bool escapes_formulas = false;  ///< tables
};

/// Adds --format, --output, --overwrite, --resume, --long and --escape-formulas.
void declare_result_format(CommandDeclaration& app, ResultOptions& options);

/// Fills in what the name of --output says of `app`, which was parsed. Throws Error (kUsage) that names the
/// flags that do not fit together.
void validate_result_format(const CommandDeclaration& app, ResultOptions& options);

/// What a ReportWriter is to know; the kind of score and the number of images are left to the caller.
ReportOptions report_options(const ResultOptions& options, std::size_t top_k, AnswerNames labels);

}  // namespace clipcls
