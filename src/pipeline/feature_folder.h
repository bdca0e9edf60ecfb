#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "files/partial_folder.h"
#include "model/clip_model.h"
#include "pipeline/npy_file.h"

namespace clipcls {

// A folder of image features:
//
//   image_features.npy  float32 [num_images, embed_dim], as encode_image gives them: not normalised
//   paths.nul           the path of each row, ended by a NUL byte: names may hold any other byte
//   embedding.json      EmbeddingInfo

/// What image features were computed with.
struct EmbeddingInfo {
  std::string model;              ///< its name, for messages
  std::string model_fingerprint;  ///< ClipModel::image_fingerprint()
  std::string precision;
  std::size_t embed_dim = 0;
  std::size_t num_images = 0;
  std::string resize_mode{};  ///< resize_mode_word(); empty: not known
  std::size_t page = 1;       ///< of the images: DecodeOptions::page
};

/// The info of features that `model` computes now; num_images is 0.
EmbeddingInfo embedding_info(const ClipModel& model);

/// Writes such a folder, which appears under its name when it is whole.
class FeatureFolderWriter {
 public:
  /// Throws Error (kOutput) that says why the folder cannot be made.
  FeatureFolderWriter(const FolderRequest& request, EmbeddingInfo info);

  /// `image_features`: [embed_dim]. Throws Error (kOutput) when the disk is full.
  void add(const std::string& path, std::span<const float> image_features);

  /// Puts the folder under its name. Throws Error (kOutput).
  void commit();

  /// Where the files lie until commit(): further files written here appear together with them.
  const std::filesystem::path& partial_folder() const { return partial_.path(); }
  std::size_t num_images() const { return npy_.rows(); }

 private:
  PartialFolder partial_;
  EmbeddingInfo info_;
  NpyWriter npy_;
  std::ofstream paths_;
};

/// Reads such a folder. The features stay on the disk until they are asked for.
class FeatureFolder {
 public:
  /// Throws Error (kFeatures) that names the file and the field when something is missing, damaged or does
  /// not fit the rest, or when a feature is not a finite number.
  explicit FeatureFolder(const std::filesystem::path& folder);

  const EmbeddingInfo& info() const { return info_; }
  const std::vector<std::string>& paths() const { return paths_; }
  const NpyMatrix& image_features() const { return image_features_; }

  /// Throws Error (kFeatures) unless these are features that `model` would compute.
  void require_model(const ClipModel& model) const;

 private:
  std::filesystem::path folder_;
  EmbeddingInfo info_;
  std::vector<std::string> paths_;
  NpyMatrix image_features_;
};

}  // namespace clipcls
