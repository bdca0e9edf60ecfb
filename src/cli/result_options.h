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
  bool is_resumed = false;        ///< go on with what is in `output`
  bool is_long = false;           ///< tables: a row a prediction
  bool escapes_formulas = false;  ///< tables
};

/// Adds --format, --output, --resume, --long and --escape-formulas.
void declare_result_format(CommandDeclaration& app, ResultOptions& options);

/// Throws Error (kUsage) that names the flags that do not fit together.
void validate_result_format(const ResultOptions& options);

/// Throws Error (kUsage) when --output is one of `inputs`, which it would replace.
void require_output_is_none_of(const std::string& output, const std::vector<std::string>& inputs);

/// What a ReportWriter is to know; the kind of score and the number of images are left to the caller.
ReportOptions report_options(const ResultOptions& options, std::size_t top_k,
                             std::vector<std::string> labels);

}  // namespace clipcls
