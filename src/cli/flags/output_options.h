#pragma once

#include <map>
#include <string>

#include "cli/flags/declaration.h"
#include "clipcls/error.h"

namespace clipcls {

/// Adds --output, a file, and --overwrite.
void declare_output(CommandDeclaration& app, std::string& output, bool& overwrites);

void declare_overwrite(CommandDeclaration& app, bool& overwrites, const std::string& help);

/// The word of --format that the ending of `output` stands for: "jsonl" of "rows.NDJSON"; empty: none.
std::string format_of_ending(const std::string& output);

/// "-" is standard output.
void settle_output(std::string& output);

/// Also takes the format from the ending of `output`, unless `app`, which was parsed, was given --format.
/// Throws Error (kUsage) where it stands for one that is not among the `formats`.
template <typename Format>
void settle_output(const CommandDeclaration& app, std::string& output, Format& format,
                   const std::map<std::string, Format>& formats) {
  settle_output(output);
  const std::string word = format_of_ending(output);
  if (word.empty() || app.count("--format") > 0) return;
  const auto found = formats.find(word);
  if (found != formats.end()) {
    format = found->second;
    return;
  }
  std::string words;
  for (const auto& [known, ignored] : formats) words += (words.empty() ? "" : ", ") + known;
  throw Error(ErrorKind::kUsage, "--output " + output + ": the format " + word +
                                     " is not written here, only " + words +
                                     "; say which with --format, or give another ending");
}

}  // namespace clipcls
