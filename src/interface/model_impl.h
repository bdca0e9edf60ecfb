#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "base/matrix.h"
#include "clipcls/image.h"
#include "clipcls/model.h"
#include "model/clip_model.h"
#include "text/tokenizer.h"

namespace clipcls {

/// What a Model is made of.
struct Model::Impl {
  Impl(std::filesystem::path place, std::size_t threads, std::unique_ptr<ClipModel> clip_model);

  /// The tokenizer of the model's vocabulary, read at the first call. Throws Error (kModel). May be called
  /// from several threads at once.
  const Tokenizer& tokenizer();

  std::filesystem::path path;
  std::size_t num_threads = 0;  ///< as the options say; 0: one a core
  std::unique_ptr<ClipModel> clip;

  // How single pictures come, which decides how they are encoded.
  std::atomic<std::size_t> num_callers = 0;  ///< that are encoding one now
  std::atomic<std::size_t> num_encoded = 0;  ///< pictures so far

 private:
  std::once_flag tokenizer_once_;
  std::optional<Tokenizer> tokenizer_;
};

/// image_features [images.size(), embed_dim] of pictures in memory, not normalised. May be called from
/// several threads at once. Throws Error (kModel, kInvalidArgument).
Matrix encode_pictures(Model::Impl& model, std::span<const Image> images);

}  // namespace clipcls
