#include "model/partial_model.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include "clipcls/error.h"
#include "model/model_files.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& output, int error) {
  throw Error(ErrorKind::kOutput, output.string() + ": cannot be written: " + std::strerror(error));
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

/// Without "." and a trailing slash, so that the last part is the model's name; of a link, what it points to.
/// The target of a link is replaced and the link stays, so that it goes on to name the model.
fs::path tidy(const fs::path& path) {
  fs::path result = fs::absolute(path).lexically_normal();
  if (!result.has_filename()) result = result.parent_path();
  std::error_code error;
  if (!fs::is_symlink(result, error)) return result;
  const fs::path target = fs::canonical(result, error);
  if (error) throw Error(ErrorKind::kUsage, path.string() + ": is a symbolic link to nothing");
  return target;
}

/// A hidden name: no list of models shows it.
fs::path beside(const fs::path& output, const char* word) {
  std::string name = ".";
  name += output.filename().string();
  name += std::string(".") + word + "-" + std::to_string(getpid());
  return output.parent_path() / name;
}

/// Not only under its name, but on the disk: a network share may tell only here that it is full.
void flush(const fs::path& path, const fs::path& output) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail(output, errno);
  const int error = fsync(descriptor) == 0 ? 0 : errno;
  close(descriptor);
  // File systems that cannot flush a folder say so in one of these ways.
  if (error != 0 && error != EINVAL && error != ENOTSUP) fail(output, error);
}

void flush_all(const fs::path& model, const fs::path& output) {
  std::error_code error;
  if (fs::is_directory(model, error)) {
    fs::directory_iterator entries(model, error);
    for (; !error && entries != fs::directory_iterator(); entries.increment(error))
      flush(entries->path(), output);
    if (error) fail(output, error.value());
  }
  flush(model, output);
}

bool lacks(int error) { return error == EINVAL || error == ENOSYS || error == ENOTSUP; }

/// What has become of a model whose place another one has taken. A file that is none of a model's stays.
void remove_model(const fs::path& model) {
  std::error_code ignored;
  if (fs::is_directory(fs::symlink_status(model, ignored))) {
    for (const fs::path& file : files_of_model(model)) fs::remove(file, ignored);
  }
  fs::remove(model, ignored);
}

}  // namespace

PartialModel::PartialModel(const fs::path& output, bool replaces)
    : output_(tidy(output)),
      partial_(beside(output_, "partial")),
      replaced_(beside(output_, "replaced")),
      replaces_(replaces) {
  if (replaces) {
    require_replaceable(output_);
  } else if (is_there(output_)) {
    throw Error(ErrorKind::kUsage, output.string() + ": exists; --force replaces it");
  }
  std::error_code error;
  fs::create_directories(output_.parent_path(), error);
  if (!error && access(output_.parent_path().c_str(), W_OK | X_OK) != 0)
    error.assign(errno, std::system_category());
  if (error) throw Error(ErrorKind::kOutput, output.string() + ": cannot be made: " + error.message());
}

PartialModel::~PartialModel() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

void PartialModel::commit() {
  // Bytes first, name second: a crash leaves the old model or the new one.
  flush_all(partial_, output_);
  // A download may take an hour, and something may have come to be under the name meanwhile: nothing is
  // replaced that was not looked at.
  if (renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, output_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno != EEXIST && !lacks(errno)) fail(output_, errno);
    if (is_there(output_)) {
      if (!replaces_)
        throw Error(ErrorKind::kUsage, output_.string() + ": has come to be meanwhile, and stays");
      require_replaceable(output_);
      exchange();
    } else if (rename(partial_.c_str(), output_.c_str()) != 0) {
      fail(output_, errno);
    }
  }
  flush(output_.parent_path(), output_);
}

void PartialModel::exchange() {
  // In one step: at no moment is there no model.
  if (renameat2(AT_FDCWD, partial_.c_str(), AT_FDCWD, output_.c_str(), RENAME_EXCHANGE) == 0) {
    remove_model(partial_);
    partial_ = replaced_;  // which there is none of: what else was put into the old one is not removed
    return;
  }
  if (!lacks(errno)) fail(output_, errno);
  // A file system that cannot exchange names: for a moment the old one has another.
  if (rename(output_.c_str(), replaced_.c_str()) != 0) fail(output_, errno);
  if (rename(partial_.c_str(), output_.c_str()) != 0) {
    const int error = errno;
    if (rename(replaced_.c_str(), output_.c_str()) == 0) fail(output_, error);
    throw Error(ErrorKind::kOutput, output_.string() + ": cannot be written: " + std::strerror(error) +
                                        "; what was there is now " + replaced_.string());
  }
  remove_model(replaced_);
}

void require_replaceable(const fs::path& output) {
  const fs::path path = tidy(output);
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kUsage, output.string() + ": " + why + "; --force replaces models alone");
  };
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found) return;
  if (type == fs::file_type::regular) {
    if (!is_model_archive(path)) refuse("is no .pt archive of a model");
  } else if (type != fs::file_type::directory) {
    refuse("is no model");
  } else if (const std::string foreign = foreign_entry(path); !foreign.empty()) {
    refuse("holds " + foreign + ", which is no part of a model");
  } else if (!fs::is_empty(path, error) && !has_model_config(path)) {
    refuse("holds no config.json, and so is no model");
  }
}

}  // namespace clipcls
