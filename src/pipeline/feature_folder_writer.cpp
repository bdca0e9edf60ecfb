#include <unistd.h>

#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/pipeline/feature_folder.h"
#include "embedding_info.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_writing(const fs::path& path, const std::string& message) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + message);
}

/// "features/" and "features" are one folder.
fs::path without_slash(const fs::path& folder) {
  return folder.has_filename() ? folder : folder.parent_path();
}

/// Makes the folder that is to become `folder`.
fs::path make_partial_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !(fs::is_directory(folder, error) && fs::is_empty(folder, error)))
    fail_writing(folder, "exists already; give the name of a folder that is to be made");
  fs::path partial = folder.string() + ".partial-" + std::to_string(getpid());
  if (!fs::create_directory(partial, error) || error)
    fail_writing(folder, "cannot be made; check that the folder it lies in exists and may be written to");
  return partial;
}

}  // namespace

void require_folder_can_be_made(const fs::path& folder) {
  fs::remove(make_partial_folder(without_slash(folder)));
}

FeatureFolderWriter::FeatureFolderWriter(const fs::path& folder, EmbeddingInfo info)
    : folder_(without_slash(folder)), partial_folder_(make_partial_folder(folder_)), info_(std::move(info)) {
  try {
    npy_.emplace(partial_folder_ / kImageFeaturesFile, info_.embed_dim);
    paths_.open(partial_folder_ / kPathsFile, std::ios::binary);
    if (!paths_) fail_writing(partial_folder_ / kPathsFile, "cannot be written");
  } catch (...) {
    std::error_code error;
    fs::remove_all(partial_folder_, error);
    throw;
  }
}

FeatureFolderWriter::~FeatureFolderWriter() {
  if (partial_folder_.empty()) return;
  std::error_code ignored;
  fs::remove_all(partial_folder_, ignored);
}

void FeatureFolderWriter::add(const std::string& path, std::span<const float> image_features) {
  npy_->append(image_features);
  paths_ << path << '\0';
  if (!paths_) fail_writing(partial_folder_ / kPathsFile, "writing failed; is the disk full?");
}

void FeatureFolderWriter::commit() {
  npy_->finish();
  paths_.close();
  if (!paths_) fail_writing(partial_folder_ / kPathsFile, "writing failed; is the disk full?");
  info_.num_images = npy_->rows();
  std::ofstream info(partial_folder_ / kEmbeddingFile, std::ios::binary);
  info << write_embedding_info(info_);
  info.close();
  if (!info) fail_writing(partial_folder_ / kEmbeddingFile, "writing failed; is the disk full?");
  std::error_code error;
  fs::rename(partial_folder_, folder_, error);
  if (error) fail_writing(folder_, "cannot be put in place: " + error.message());
  partial_folder_.clear();
}

}  // namespace clipcls
