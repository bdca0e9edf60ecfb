#pragma once

#include <string>

#include "cli/flags/declaration.h"
#include "cli/terminal/interruption.h"

namespace clipcls {

/// The program and its commands. What it does with images, without a command, is declared on root().
class Program {
 public:
  /// Declares all commands: they are listed in program.cpp.
  Program();

  /// Adds the command `name`: "undo", or "model fetch" where it is one of a group. `help` is its line in
  /// --help.
  CommandDeclaration& add(const std::string& name, const std::string& help);
  CommandDeclaration& root() { return root_; }

  /// Reads the words of the command line and does what they ask for. Returns the exit code. Throws Error
  /// (kUsage) that names the flag, its value and what would be right, and what the command throws.
  int run(int argc, const char* const* argv);

 private:
  CommandDeclaration& group(const std::string& name);

  CommandDeclaration root_;
};

/// Writes `text` to standard output. Returns the exit code. Throws Error (kOutput).
int print(const std::string& text);

/// Says on standard error what the exception that is being handled is about. Returns the exit code for that.
/// To be called in a handler.
int report_exception();

}  // namespace clipcls
