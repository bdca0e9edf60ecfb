#include "model/find_model.h"

#include <system_error>

#include "base/closest_word.h"
#include "base/environment.h"
#include "model/model_folders.h"

namespace clipcls {
namespace {

constexpr const char* kBundledModel = "everyday";
constexpr const char* kFormerBundledModel = "pictogram";

bool is_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

/// Says where the model was looked for, what there is, and what a model can be.
[[noreturn]] void fail_not_found(const std::string& model, const std::string& origin) {
  std::string looked;
  std::string known;
  std::string meant;
  // What cannot be a name was meant as a path: a list of names would not help.
  if (!model_folder_name(model).empty()) {
    for (const ModelsFolder& folder : models_folders())
      looked += (looked.empty() ? "no such path, and none of that name in " : ", ") + folder.path.string();
    std::vector<std::string> names;
    for (const NamedModel& named : list_named_models()) names.push_back(named.name);
    for (const std::string& name : names) known += (known.empty() ? "which have " : ", ") + name;
    meant = closest_word(model, names);
  }
  throw ModelNotFound(model, looked, known, meant, origin);
}

}  // namespace

ModelNotFound::ModelNotFound(const std::string& model, const std::string& looked, const std::string& known,
                             const std::string& meant, const std::string& origin)
    : Error(ErrorKind::kModel, origin + model + ": no such model" + (looked.empty() ? "" : ": " + looked) +
                                   (known.empty() ? "" : ", " + known) +
                                   (meant.empty() ? "" : "; perhaps " + meant + " is meant") +
                                   "; a model is a name, a model folder (models/README.md), or one of "
                                   "OpenAI's .pt files"),
      model_(model),
      place_(origin + model + ": no such model" + (looked.empty() ? "" : ": " + looked)),
      has_suggestion_(!meant.empty()) {}

std::filesystem::path find_model(const std::string& model) {
  const std::string name = model.empty() ? variable("CLIPCLS_MODEL") : model;
  // The order: what was asked for, the environment, what comes with the program.
  if (name.empty()) return own_models_folder().path / kBundledModel;
  std::error_code ignored;
  // A path first: a folder here that has the name of a known model is most likely what is meant.
  if (std::filesystem::exists(name, ignored)) return name;
  if (const auto known = find_named_model(name)) return known->path;
  const std::string origin = model.empty() ? "CLIPCLS_MODEL=" : "";
  if (name == kFormerBundledModel) {
    throw Error(ErrorKind::kModel, origin + name + ": no such model: the bundled model is " + kBundledModel +
                                       " now, which knows photographs, too");
  }
  fail_not_found(name, origin);
}

bool is_bundled_by_default(const std::string& model) {
  return model.empty() && variable("CLIPCLS_MODEL").empty();
}

std::filesystem::path find_model_folder(const std::string& model) {
  std::filesystem::path folder = find_model(model);
  if (!is_folder(folder)) {
    throw Error(ErrorKind::kModel,
                folder.string() + ": is a file, not a model folder; clipcls model import makes one");
  }
  return folder;
}

}  // namespace clipcls
