#pragma once

#include <string>
#include <vector>

namespace clipcls {

/// Keeps the words that the program was started with, for messages that say how to go on.
void note_command(int argc, const char* const* argv);

/// The command of `words` with --resume, for a shell.
std::string resume_command(const std::vector<std::string>& words);
/// Of the words that were noted.
std::string resume_command();

}  // namespace clipcls
