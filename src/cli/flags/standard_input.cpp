#include "cli/flags/standard_input.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40;  // as the system has it

/// Whether `folder`, a real path, lists this process's open files: /proc/123/fd, or that of a thread of it.
bool lists_descriptors(const std::string& folder) {
  return folder.starts_with("/proc/" + std::to_string(getpid()) + "/") && folder.ends_with("/fd");
}

/// Files that can be read twice are what nearly all inputs are: one question to the system.
bool can_be_read_twice(const std::string& file) {
  struct stat status = {};
  if (lstat(file.c_str(), &status) != 0) return true;  // whoever reads it says that it is not there
  return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
}

/// What equal streams have in common; empty: `file` can be read twice.
std::string stream_of(const std::string& file) {
  if (is_standard_input(file)) return "standard input";
  struct stat status = {};
  if (can_be_read_twice(file) || stat(file.c_str(), &status) != 0 || !S_ISFIFO(status.st_mode)) return {};
  return "the pipe " + std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace

bool is_standard_input(const std::string& file) {
  if (file == "-") return true;
  if (can_be_read_twice(file)) return false;
  std::error_code error;
  fs::path path = fs::absolute(file, error);
  for (int i = 0; i < kMaxLinks && !error; ++i) {
    const fs::path folder = fs::canonical(path.parent_path(), error);
    if (error) return false;
    if (path.filename() == "0" && lists_descriptors(folder.string())) return true;
    if (!fs::is_symlink(folder / path.filename(), error)) return false;
    path = folder / fs::read_symlink(folder / path.filename(), error);
  }
  return false;
}

NamedInputs joined(NamedInputs first, const NamedInputs& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

void require_inputs_once(const NamedInputs& inputs) {
  std::map<std::string, const NamedInputs::value_type*> first_of_stream;
  for (const auto& input : inputs) {
    const std::string stream = stream_of(input.second);
    if (stream.empty()) continue;
    const auto [first, is_new] = first_of_stream.emplace(stream, &input);
    if (is_new) continue;
    const auto& [name, file] = *first->second;
    if (*first->second == input && file == "-") {
      throw Error(ErrorKind::kUsage, "'-' is given more than once, and standard input can be read only once");
    }
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} {} and {} {} are both {}, which can be read only once; put one of them into a file",
                    name, file, input.first, input.second, stream == "standard input" ? stream : "one pipe"));
  }
}

}  // namespace clipcls
