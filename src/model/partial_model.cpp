#include "model/partial_model.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "clipcls/error.h"
#include "files/put_in_place.h"
#include "model/model_files.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// tidy_path(), and of a link what it points to: that is replaced and the link stays, so that it goes on to
/// name the model.
fs::path model_at(const fs::path& path) {
  fs::path result = tidy_path(path);
  std::error_code error;
  if (!fs::is_symlink(result, error)) return result;
  fs::path target = fs::canonical(result, error);
  if (error) throw Error(ErrorKind::kInvalidArgument, path.string() + ": is a symbolic link to nothing");
  return target;
}

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
    : output_(model_at(output)), partial_(output_), replaces_(replaces) {
  if (replaces) {
    require_replaceable(output_);
  } else if (is_there(output_)) {
    throw Error(ErrorKind::kInvalidArgument, output.string() + ": exists already, and stays");
  }
  std::error_code error;
  fs::create_directories(output_.parent_path(), error);
  if (!error && access(output_.parent_path().c_str(), W_OK | X_OK) != 0)
    error.assign(errno, std::system_category());
  if (error) throw Error(ErrorKind::kOutput, output.string() + ": cannot be made: " + error.message());
}

void PartialModel::commit() {
  // Bytes first, name second: a crash leaves the old model or the new one.
  const auto require_that_it_may_go = [this] {
    if (!replaces_)
      throw Error(ErrorKind::kInvalidArgument, output_.string() + ": was created meanwhile, and stays");
    require_replaceable(output_);
  };
  if (const std::error_code error = partial_.commit(require_that_it_may_go, remove_model))
    throw Error(ErrorKind::kOutput, output_.string() + ": cannot be written: " + error.message());
}

void require_replaceable(const fs::path& output) {
  const fs::path path = model_at(output);
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::kInvalidArgument, output.string() + ": " + why + "; only models are replaced");
  };
  std::error_code error;
  const fs::file_type type = fs::symlink_status(path, error).type();
  if (type == fs::file_type::not_found) return;
  if (type == fs::file_type::regular) {
    if (!is_model_archive(path)) refuse("is not a .pt archive of a model");
  } else if (type != fs::file_type::directory) {
    refuse("is not a model");
  } else if (const std::string foreign = foreign_entry(path); !foreign.empty()) {
    refuse("holds " + foreign + ", which is not part of a model");
  } else if (!fs::is_empty(path, error) && !has_model_config(path)) {
    refuse("holds no config.json, and so is not a model");
  }
}

}  // namespace clipcls
