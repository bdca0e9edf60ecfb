#include "cli/terminal/resume_command.h"

#include <algorithm>

#include "cli/terminal/shell_word.h"

namespace clipcls {
namespace {

constexpr const char* kResume = "--resume";

std::vector<std::string>& noted_words() {
  static std::vector<std::string> words;
  return words;
}

}  // namespace

void note_command(int argc, const char* const* argv) { noted_words().assign(argv, argv + argc); }

std::string resume_command(const std::vector<std::string>& words) {
  std::string command = words.empty() ? "clipcls" : shell_word(words.front());
  const auto end_of_flags = std::ranges::find(words, "--");
  const bool is_given = std::find(words.begin(), end_of_flags, kResume) != end_of_flags;
  // Behind -- it would be a file.
  if (!is_given && end_of_flags != words.end()) command.append(" ").append(kResume);
  for (std::size_t i = 1; i < words.size(); ++i) command += " " + shell_word(words[i]);
  if (!is_given && end_of_flags == words.end()) command.append(" ").append(kResume);
  return command;
}

std::string resume_command() { return resume_command(noted_words()); }

}  // namespace clipcls
