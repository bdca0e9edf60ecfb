#pragma once

#include <map>
#include <optional>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

class CommandDeclaration;

/// The path that `output` names; empty: standard output, as of "-".
inline std::string output_path(const std::string& output) { return output == "-" ? "" : output; }

/// The file that results go to.
struct OutputFlags {
  std::string output;       ///< as given; "-" or empty: standard output
  bool overwrites = false;  ///< `output`, whatever it holds

  /// Adds --output and --overwrite.
  void add(CommandDeclaration& command);
  /// Adds --overwrite alone, behind an --output of the command's own.
  void add_overwrite(CommandDeclaration& command, const std::string& help);

  std::string path() const { return output_path(output); }
};

/// The word of --format that the ending of `output` stands for: "jsonl" of "rows.NDJSON"; empty: none.
std::string format_of_ending(const std::string& output);

/// What --format says, else the ending of --output, else kText. Throws Error (kUsage) where the ending stands
/// for a format that is not among the `formats`.
template <typename Format>
Format format_of(const std::optional<Format>& given, const OutputFlags& flags,
                 const std::map<std::string, Format>& formats) {
  const std::string word = format_of_ending(flags.path());
  if (given || word.empty()) return given.value_or(Format::kText);
  if (const auto found = formats.find(word); found != formats.end()) return found->second;
  std::string words;
  for (const auto& [known, ignored] : formats) words += (words.empty() ? "" : ", ") + known;
  throw Error(ErrorKind::kUsage, "--output " + flags.path() + ": the format " + word +
                                     " is not written here, only " + words +
                                     "; say which with --format, or give another ending");
}

}  // namespace clipcls
