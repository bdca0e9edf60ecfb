#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "model/clip_model.h"
#include "model/model_reference.h"
#include "model/precision.h"
#include "text/tokenizer.h"

namespace clipcls {

enum class CheckOutcome { kPassed, kFailed, kNote };

/// One thing that was compared with a model's reference, or is worth knowing beside it.
struct ModelCheck {
  CheckOutcome outcome = CheckOutcome::kPassed;
  std::string name;
  std::string figures;  ///< what was found and what would be right, or why nothing was
};

using OnModelCheck = std::function<void(const ModelCheck&)>;
using LoadAtPrecision = std::function<std::unique_ptr<ClipModel>(Precision)>;

/// Throws Error (kModel) unless the features of `reference`, which lies in `folder`, have the size of
/// `config`'s.
void require_reference_of(const ModelReference& reference, const std::filesystem::path& folder,
                          const ModelConfig& config);

/// Reads the weights of those encoders of `folder` that are built here, and compares them with the checksums
/// that were stored beside them.
void check_checksums(const std::filesystem::path& folder, const ModelConfig& config,
                     const OnModelCheck& on_check);

/// Compares a model of this `config` with its `reference`: token ids, pixels, and the features in every
/// precision, for which `load` loads it anew. `on_check` gets each result when it is known; that a model
/// cannot be loaded is one.
void check_model(const ModelReference& reference, const ModelConfig& config, const Tokenizer& tokenizer,
                 const LoadAtPrecision& load, const OnModelCheck& on_check);

}  // namespace clipcls
