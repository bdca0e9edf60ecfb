#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// Why a folder of models is looked into.
enum class ModelOrigin { kSearchPath, kUser, kInstalled, kSource };

/// The word for `origin` in lists: "path", "user", "installed" or "source".
std::string_view model_origin_name(ModelOrigin origin);

/// A folder that holds models, each under its name.
struct ModelsFolder {
  std::filesystem::path path;
  ModelOrigin origin = ModelOrigin::kUser;
};

/// A model that can be given by its name: a folder NAME with a config.json, or a file NAME.pt.
struct NamedModel {
  std::string name;  ///< as find_model() takes it
  std::filesystem::path path;
  ModelOrigin origin = ModelOrigin::kUser;
};

/// $XDG_DATA_HOME/clipcls, else ~/.local/share/clipcls: models/ and downloads/ lie in it. Throws Error
/// (kModel) when neither variable is set.
std::filesystem::path user_data_folder();

/// The models that came with the program: installed beside it, or where a program that links the library has
/// its libtorch from, else those of the source tree that it was built from.
ModelsFolder own_models_folder();

/// The folders where models are looked for by name, in order: those of $CLIPCLS_MODEL_PATH, the user's, and
/// the ones that came with the program. They need not exist.
std::vector<ModelsFolder> models_folders();

/// The name of the file or folder that holds the model `name`: ViT-B/32 is ViT-B-32, ViT-L/14@336px is
/// ViT-L-14-336px, hf:OWNER/NAME is OWNER--NAME. Never leads out of a folder: empty where `name` cannot be
/// the name of a model (a path that starts with '/' or has a part '.' or '..', control characters).
std::string model_folder_name(std::string_view name);

/// The first model of that name, in the order of models_folders().
std::optional<NamedModel> find_named_model(const std::string& name);

/// Every model that can be given by its name, sorted by it.
std::vector<NamedModel> list_named_models();

/// Bytes of a model's files: all that lie in the folder itself, or the archive. What cannot be read counts
/// nothing.
std::uint64_t size_of_model(const std::filesystem::path& model);

}  // namespace clipcls
