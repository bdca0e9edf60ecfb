#include "cli/flags/output_flags.h"

#include <algorithm>
#include <filesystem>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"

namespace clipcls {
namespace {

const std::map<std::string, std::string> kEndings = {
    {".json", "json"}, {".jsonl", "jsonl"}, {".ndjson", "jsonl"}, {".csv", "csv"},
    {".tsv", "tsv"},   {".html", "html"},   {".htm", "html"},     {".txt", "text"}};

}  // namespace

void OutputFlags::add(CommandDeclaration& command) {
  command.group(kOutputGroup);
  command
      .add_option("-o,--output", output,
                  "Write the results here, whole or not at all; '-' and default: standard output")
      ->type_name("FILE")
      ->brief("Write the results here: .csv, .jsonl, .html, ...");
  add_overwrite(command, "Replace even a file that holds something else");
}

void OutputFlags::add_overwrite(CommandDeclaration& command, const std::string& help) {
  command.add_flag("--overwrite", overwrites, help);
}

std::string format_of_ending(const std::string& output) {
  std::string ending = std::filesystem::path(output).extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto found = kEndings.find(ending);
  return found == kEndings.end() ? std::string() : found->second;
}

}  // namespace clipcls
