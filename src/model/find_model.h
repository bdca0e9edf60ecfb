#pragma once

#include <filesystem>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

/// Error (kModel): there is no model of that name or path. what() says where it was looked for, which names
/// are known there, and what a model can be.
class ModelNotFound : public Error {
 public:
  /// `looked`: where, as words; `known`: which names there are, as words; `meant`: the one of them that is
  /// near. Each may be empty. `origin`: what stands before the name in the message, "CLIPCLS_MODEL=".
  ModelNotFound(const std::string& model, const std::string& looked, const std::string& known,
                const std::string& meant, const std::string& origin);

  const std::string& model() const { return model_; }
  /// Whether what() names a model that may be meant.
  bool has_suggestion() const { return has_suggestion_; }
  /// The beginning of what(): the model and where it was looked for.
  const std::string& place() const { return place_; }

 private:
  std::string model_;
  std::string place_;
  bool has_suggestion_;
};

/// What `model` names: an existing folder or file, else the model of that name (model_folders.h). Where it is
/// empty what $CLIPCLS_MODEL names, else the folder of the bundled model. Throws ModelNotFound.
std::filesystem::path find_model(const std::string& model);

/// The same where only a folder will do. Throws ModelNotFound, and Error (kModel) for a file.
std::filesystem::path find_model_folder(const std::string& model);

/// Whether nothing else than the bundled model was chosen: neither by `model` nor by $CLIPCLS_MODEL.
bool is_bundled_by_default(const std::string& model);

}  // namespace clipcls
