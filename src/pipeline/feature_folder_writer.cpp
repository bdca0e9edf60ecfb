#include <utility>

#include "clipcls/error.h"
#include "embedding_info.h"
#include "files/atomic_file.h"
#include "files/file_descriptor.h"
#include "pipeline/feature_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_writing(const fs::path& path) {
  throw Error(ErrorKind::kOutput, path.string() + ": writing failed; is the disk full?");
}

}  // namespace

FeatureFolderWriter::FeatureFolderWriter(const FolderRequest& request, EmbeddingInfo info)
    : partial_(request), info_(std::move(info)), npy_(partial_.path() / kImageFeaturesFile, info_.embed_dim) {
  paths_.open(partial_folder() / kPathsFile, std::ios::binary);
  if (!paths_) throw cannot_be_written(partial_folder() / kPathsFile);
}

void FeatureFolderWriter::add(const std::string& path, std::span<const float> image_features) {
  // Both files grow together, a row and a path for each image.
  npy_.append(image_features);
  paths_ << path << '\0';
  if (!paths_) fail_writing(partial_folder() / kPathsFile);
}

void FeatureFolderWriter::commit() {
  // embedding.json is written last and the folder put in place behind it: a run that dies before leaves no
  // folder under the name.
  npy_.finish();
  paths_.close();
  if (!paths_) fail_writing(partial_folder() / kPathsFile);
  info_.num_images = npy_.rows();
  write_file(partial_folder() / kEmbeddingFile, write_embedding_info(info_), Links::kReplaced);
  partial_.commit();
}

}  // namespace clipcls
