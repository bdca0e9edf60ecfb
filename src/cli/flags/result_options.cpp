#include "cli/flags/result_options.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "cli/flags/declaration.h"
#include "cli/flags/output_options.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

const std::map<std::string, ReportFormat> kFormats = {
    {"text", ReportFormat::kText}, {"json", ReportFormat::kJson}, {"jsonl", ReportFormat::kJsonl},
    {"csv", ReportFormat::kCsv},   {"tsv", ReportFormat::kTsv},   {"html", ReportFormat::kHtml}};

}  // namespace

void declare_result_format(CommandDeclaration& app, ResultOptions& options) {
  app.add_choice("-f,--format", options.format, kFormats,
                 "Output format; default: what the ending of --output says, else text");
  declare_output(app, options.output, options.overwrites);
  app.add_flag(
      "--resume", options.is_resumed,
      "Keep the rows that are in --output already and add those of the other\nimages (jsonl, csv, tsv)");
  app.add_flag("--long", options.is_long, "One row a prediction, not one an image (csv, tsv)");
  app.add_flag("--escape-formulas", options.escapes_formulas,
               "Put ' before texts that a spreadsheet would compute (csv, tsv)");
}

void validate_result_format(const CommandDeclaration& app, ResultOptions& options) {
  settle_output(app, options.output, options.format, kFormats);
  if (options.is_long && !is_table(options.format))
    throw Error(ErrorKind::kUsage, "--long is about tables; add --format csv or --format tsv");
  if (options.escapes_formulas && !is_table(options.format))
    throw Error(ErrorKind::kUsage, "--escape-formulas is about tables; add --format csv or --format tsv");
  if (!options.is_resumed) return;
  if (options.output.empty())
    throw Error(ErrorKind::kUsage, "--resume goes on with a file; add its name with --output");
  if (!is_table(options.format) && options.format != ReportFormat::kJsonl) {
    throw Error(ErrorKind::kUsage,
                "--resume goes on with rows; add --format jsonl, --format csv or --format tsv");
  }
}

ReportOptions report_options(const ResultOptions& options, std::size_t top_k, AnswerNames labels) {
  ReportOptions report;
  report.top_k = std::min(top_k, labels.size());
  report.labels = std::move(labels);
  report.is_long = options.is_long;
  report.folder = std::filesystem::path(options.output).parent_path().string();
  report.escapes_formulas = options.escapes_formulas;
  report.is_terminal = options.output.empty() && isatty(STDOUT_FILENO) == 1;
  return report;
}

}  // namespace clipcls
