#include "cli/flags/output_options.h"

#include <algorithm>
#include <filesystem>

namespace clipcls {
namespace {

constexpr const char* kStandardOutput = "-";
const std::map<std::string, std::string> kEndings = {
    {".json", "json"}, {".jsonl", "jsonl"}, {".ndjson", "jsonl"}, {".csv", "csv"},
    {".tsv", "tsv"},   {".html", "html"},   {".htm", "html"},     {".txt", "text"}};

}  // namespace

void declare_output(CommandDeclaration& app, std::string& output, bool& overwrites) {
  app.add_option("-o,--output", output,
                 "Write the results here, whole or not at all; '-' and default: standard\noutput")
      ->type_name("FILE");
  declare_overwrite(app, overwrites, "Replace a file that holds no such results, too");
}

void declare_overwrite(CommandDeclaration& app, bool& overwrites, const std::string& help) {
  app.add_flag("--overwrite", overwrites, help);
}

std::string format_of_ending(const std::string& output) {
  std::string ending = std::filesystem::path(output).extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found = kEndings.find(ending);
  return found == kEndings.end() ? std::string() : found->second;
}

void settle_output(std::string& output) {
  if (output == kStandardOutput) output.clear();
}

}  // namespace clipcls
