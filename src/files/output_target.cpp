#include "files/output_target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "files/follow_links.h"
#include "files/put_in_place.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

std::string read_head(const fs::path& path) {
  const FileDescriptor file = open_for_reading(path);
  std::string head(kOutputHeadBytes, '\0');
  const ssize_t size = file.is_open() ? read_all(file.number(), head) : -1;
  // A text that no kind of output begins with: what cannot be read is not replaced.
  if (size < 0) return "unreadable";
  head.resize(static_cast<std::size_t>(size));
  return head;
}

}  // namespace

std::optional<FileNumber> number_of_file(const std::string& input) {
  struct stat status = {};
  const bool is_there = (input == "-" ? fstat(STDIN_FILENO, &status) : stat(input.c_str(), &status)) == 0;
  if (!is_there) return std::nullopt;
  return FileNumber(status.st_dev, status.st_ino);
}

std::vector<std::string> FilesInUse::all() const {
  std::vector<std::string> all = files;
  for (const std::string& folder : folders) {
    std::error_code error;
    auto entry = fs::directory_iterator(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error))
      all.push_back(entry->path().string());
  }
  return all;
}

OutputTarget::OutputTarget(OutputRequest request, const FilesInUse& inputs) : request_(std::move(request)) {
  if (is_standard_output()) return;
  // A link stays, and what it points to is replaced.
  const FollowedLinks resolved = follow_links(name());
  path_ = resolved.path;
  struct stat status = {};
  if (stat(path_.c_str(), &status) != 0) return;  // to be made
  const auto fail = [&](const char* problem) { throw Error(ErrorKind::kOutput, name() + problem); };
  if (S_ISDIR(status.st_mode)) fail(": is a folder; results go to a file");
  if (S_ISBLK(status.st_mode)) fail(": is a disk; results go to a file");
  // A terminal, a pipe or a device is written to as it is; there is nothing to put in place.
  is_stream_ = resolved.is_descriptor || !S_ISREG(status.st_mode);
  if (is_stream_) return;
  number_ = FileNumber(status.st_dev, status.st_ino);
  // All before any work is done: a run of hours must not end with an output that cannot be written.
  require_none_of(inputs);
  require_can_be_written(status.st_mode);
  if (!request_.is_continued) require_replaceable();
}

void OutputTarget::require_none_of(const FilesInUse& inputs) const {
  for (const std::string& input : inputs.all()) require_is_not(input);
}

void OutputTarget::require_is_not(const std::string& input) const {
  if (!number_) return;
  // By device and inode: other paths and links may lead to the same file, and so may a redirection.
  if (number_ != number_of_file(input)) return;
  throw Error(ErrorKind::kInvalidArgument,
              name() + " would replace the input " + input + "; give the results another name");
}

void OutputTarget::require_apart(const OutputTarget& other) const {
  if (is_standard_output() && other.is_standard_output())
    throw Error(ErrorKind::kInvalidArgument,
                "two outputs of this run go to standard output; give one of them a file");
  // Two streams may well be one terminal.
  if (is_standard_output() || other.is_standard_output() || is_stream_ || other.is_stream_) return;
  std::error_code ignored;
  const bool is_same =
      // Files that are still to be made have no number; their paths, with links resolved, stand for them.
      number_ ? number_ == other.number_
              : fs::weakly_canonical(fs::absolute(path_), ignored) ==
                    fs::weakly_canonical(fs::absolute(other.path_), ignored);
  if (is_same)
    throw Error(ErrorKind::kInvalidArgument, other.name() + ": two outputs of this run are this file");
}

/// Root may write what nobody may: the mode counts all the same, since it says what the user wants.
void OutputTarget::require_can_be_written(mode_t mode) const {
  constexpr mode_t kAnyWrite = S_IWUSR | S_IWGRP | S_IWOTH;
  if ((mode & kAnyWrite) == 0) {
    throw Error(ErrorKind::kOutput, name() + ": may not be written (its mode is " +
                                        fmt::format("{:04o}", mode & 07777U) +
                                        "); allow it with chmod u+w, or give the results another name");
  }
  if (open_file(path_, O_WRONLY | O_NONBLOCK).is_open()) return;
  throw cannot_be_written(name());
}

void OutputTarget::require_replaceable() const {
  std::error_code ignored;
  if (is_standard_output() || is_stream_ || request_.replaces_anything ||
      !fs::is_regular_file(path_, ignored))
    return;
  if (begins_as(request_.kind, read_head(path_))) return;
  throw Error(ErrorKind::kOutput,
              name() + ": exists and is not " + std::string(output_kind_name(request_.kind)) +
                  " of clipcls, so it stays" + (request_.remedy.empty() ? "" : "; " + request_.remedy));
}

OutputTarget OutputTarget::beside(const std::string& ending, OutputKind kind) const {
  OutputRequest request = request_;
  request.path = path_.string() + ending;
  request.kind = kind;
  request.is_continued = false;
  return {std::move(request), {}};
}

bool OutputTarget::has_part(const fs::path& file) const {
  if (is_standard_output() || is_stream_) return false;
  const std::string name = path_.filename().string();
  const std::string other = file.filename().string();
  if (!other.starts_with(name)) return false;
  const std::string_view behind = std::string_view(other).substr(name.size());
  // An AtomicFile's is ".partial-PID".
  if (!behind.empty() && !behind.starts_with(kPartialEnding) && behind != kSettingsEnding &&
      behind != kPicturesEnding)
    return false;
  std::error_code ignored;
  return fs::equivalent(fs::absolute(path_).parent_path(), fs::absolute(file).parent_path(), ignored);
}

void OutputTarget::keep_mode(int descriptor) const {
  if (!is_standard_output() && !is_stream_) copy_mode(path_, descriptor);
}

}  // namespace clipcls
