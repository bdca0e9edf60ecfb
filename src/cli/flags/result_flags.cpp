#include "cli/flags/result_flags.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

const std::map<std::string, ReportFormat> kReportFormats = {
    {"text", ReportFormat::kText}, {"json", ReportFormat::kJson}, {"jsonl", ReportFormat::kJsonl},
    {"csv", ReportFormat::kCsv},   {"tsv", ReportFormat::kTsv},   {"html", ReportFormat::kHtml}};

}  // namespace

void ResultFlags::add(CommandDeclaration& command) {
  command.group(kOutputGroup);
  command
      .add_choice("-f,--format", given_format, kReportFormats,
                  "Output format; default: what the ending of --output says, else text")
      ->brief("Output format; default: what --output ends in");
  output.add(command);
  command
      .add_flag(
          "--resume", is_resumed,
          "Resume an interrupted run: keep the rows of --output, also those of deleted images, and add the "
          "missing ones (jsonl, csv, tsv)")
      ->brief("Go on with the interrupted run that wrote --output");
  command.add_flag("--retry-errors", retries_errors, "With --resume: do images again whose rows are errors");
  command.add_flag(
      "--update", updates,
      "With --resume: do images again whose size or time has changed since their rows were made; "
      "FILE.pictures keeps both");
  command.add_flag("--long", is_long, "One row per prediction, not per image (csv, tsv)");
  command.add_flag("--escape-formulas", escapes_formulas,
                   "Put ' before texts that a spreadsheet would run as formulas (csv, tsv)");
  command.add_flag("--bom", has_byte_order_mark,
                   "Begin with a byte order mark, by which Excel knows UTF-8 (csv, tsv)");
  style.add(command);
}

ReportFormat ResultFlags::format() const { return format_of(given_format, output, kReportFormats); }

void ResultFlags::validate() const {
  const ReportFormat format = this->format();
  if (is_long && !is_table(format))
    throw Error(ErrorKind::kUsage, "--long needs a table; add --format csv or --format tsv");
  if (escapes_formulas && !is_table(format))
    throw Error(ErrorKind::kUsage, "--escape-formulas needs a table; add --format csv or --format tsv");
  if (has_byte_order_mark && !is_table(format))
    throw Error(ErrorKind::kUsage, "--bom needs a table; add --format csv or --format tsv");
  if (!is_resumed && (retries_errors || updates)) {
    throw Error(ErrorKind::kUsage, std::string(updates ? "--update" : "--retry-errors") +
                                       " belongs to --resume, which is not given");
  }
  if (!is_resumed) return;
  if (output.path().empty())
    throw Error(ErrorKind::kUsage, "--resume needs a file; add its name with --output");
  if (!is_table(format) && format != ReportFormat::kJsonl) {
    throw Error(ErrorKind::kUsage, "--resume needs rows; add --format jsonl, --format csv or --format tsv");
  }
}

ReportOptions report_options(const ResultFlags& flags, std::size_t top_k, AnswerNames labels) {
  ReportOptions report;
  report.top_k = std::min(top_k, labels.size());
  report.labels = std::move(labels);
  report.is_long = flags.is_long;
  report.folder = std::filesystem::path(flags.output.path()).parent_path().string();
  report.escapes_formulas = flags.escapes_formulas;
  report.has_byte_order_mark = flags.has_byte_order_mark;
  if (flags.output.path().empty()) report.style = text_style(flags.style);
  report.is_terminal = flags.output.path().empty() && isatty(STDOUT_FILENO) == 1;
  return report;
}

}  // namespace clipcls
