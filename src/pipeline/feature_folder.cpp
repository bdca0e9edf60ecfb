#include "pipeline/feature_folder.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "clipcls/error.h"
#include "embedding_info.h"
#include "features_error.h"
#include "pipeline/image_source.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> read_paths(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) fail(file, "is missing");
  std::ifstream stream(file, std::ios::binary);
  std::vector<std::string> paths;
  for (std::string path; std::getline(stream, path, '\0');) paths.push_back(std::move(path));
  // A loop over getline() ends alike at the end of the file and at a failure to read.
  if (stream.bad() || !stream.eof()) fail(file, "cannot be read");
  return paths;
}

// One NaN would make all similarities of its row NaN, and sorting by them undefined.
void require_finite(const fs::path& file, const NpyMatrix& features) {
  for (std::size_t row = 0; row < features.rows(); ++row) {
    for (const float value : features.block(row, 1)) {
      if (!std::isfinite(value)) {
        fail(file, "row " + std::to_string(row) + " holds " + std::to_string(value) +
                       ", which is not a finite number");
      }
    }
  }
}

/// `what` is "rows" or the like, `field` the one of embedding.json that says how many there should be.
void require_count(const fs::path& file, const char* what, std::size_t actual, const char* field,
                   std::size_t expected) {
  if (actual == expected) return;
  fail(file, "has " + std::to_string(actual) + " " + what + ", and field " + field + " of " + kEmbeddingFile +
                 " is " + std::to_string(expected));
}

}  // namespace

FeatureFolder::FeatureFolder(const fs::path& folder)
    : folder_(folder),
      info_(read_embedding_info(folder / kEmbeddingFile)),
      paths_(read_paths(folder / kPathsFile)),
      image_features_(folder / kImageFeaturesFile) {
  require_count(folder / kImageFeaturesFile, "rows", image_features_.rows(), "num_images", info_.num_images);
  require_count(folder / kImageFeaturesFile, "columns", image_features_.cols(), "embed_dim", info_.embed_dim);
  require_count(folder / kPathsFile, "paths", paths_.size(), "num_images", info_.num_images);
  // Last, as it alone reads the whole file.
  require_finite(folder / kImageFeaturesFile, image_features_);
}

void FeatureFolder::require_model(const ClipModel& model) const {
  const EmbeddingInfo expected = embedding_info(model);
  const fs::path file = folder_ / kEmbeddingFile;
  const std::string remedy = "; use the model that embedded them, or embed the images again";
  // The plainer message first: another embed_dim is always another fingerprint, too.
  if (info_.embed_dim != expected.embed_dim) {
    fail(file, "field embed_dim is " + std::to_string(info_.embed_dim) + " (model " + info_.model +
                   "), and model " + expected.model + " has " + std::to_string(expected.embed_dim) + remedy);
  }
  if (info_.model_fingerprint != expected.model_fingerprint) {
    fail(file, "field model_fingerprint is " + info_.model_fingerprint + " (model " + info_.model +
                   "), and model " + expected.model + " has " + expected.model_fingerprint + remedy);
  }
}

}  // namespace clipcls
