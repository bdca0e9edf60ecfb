// Where models are looked for, by name: the folders of CLIPCLS_MODEL_PATH, the user's own, those of the
// program.
#include "model/model_folders.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <map>
#include <system_error>

#include "base/environment.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::string_view kHubPrefix = "hf:";
constexpr const char* kArchiveExtension = ".pt";
constexpr std::size_t kLongestFileName = 200;  // file systems take 255 bytes, and endings are added to it

/// `text` with each of `from` replaced by `to`.
std::string replace_all(std::string_view text, char from, std::string_view to) {
  std::string result;
  for (const char character : text) {
    if (character == from) {
      result += to;
    } else {
      result += character;
    }
  }
  return result;
}

bool has_hidden_name(std::string_view name) { return name.starts_with('.'); }

/// The name of the model at `path`, or nothing when it is none.
std::optional<std::string> name_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (has_hidden_name(path.filename().string())) return std::nullopt;
  if (std::filesystem::is_regular_file(path, ignored) && path.extension() == kArchiveExtension) {
    return path.stem().string();
  }
  if (std::filesystem::exists(path / "config.json", ignored)) return path.filename().string();
  return std::nullopt;
}

/// The prefix of the installation that the libtorch of this process lies in, below
/// CLIPCLS_INSTALLED_LIBRARIES. Empty: none is loaded, or it is no installation's.
std::filesystem::path prefix_of_libtorch() {
  void* const library = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return {};
  std::array<char, PATH_MAX> origin{};
  const bool is_known = dlinfo(library, RTLD_DI_ORIGIN, origin.data()) == 0;
  dlclose(library);
  if (!is_known) return {};
  const std::string folder = std::filesystem::path(origin.data()).lexically_normal().string();
  const std::string_view below = "/" CLIPCLS_INSTALLED_LIBRARIES;
  return folder.ends_with(below) ? folder.substr(0, folder.size() - below.size()) : "";
}

}  // namespace

std::string_view model_origin_name(ModelOrigin origin) {
  switch (origin) {
    case ModelOrigin::kSearchPath:
      return "path";
    case ModelOrigin::kUser:
      return "user";
    case ModelOrigin::kInstalled:
      return "installed";
    case ModelOrigin::kSource:
      return "source";
  }
  return "unknown";
}

std::filesystem::path user_data_folder() {
  // The XDG specification has relative paths ignored.
  const std::filesystem::path data_home = variable("XDG_DATA_HOME");
  if (data_home.is_absolute()) return data_home / "clipcls";
  const std::filesystem::path home = variable("HOME");
  if (home.is_absolute()) return home / ".local" / "share" / "clipcls";
  throw Error(ErrorKind::kModel,
              "there is no folder for models: neither XDG_DATA_HOME nor HOME is set to an absolute path");
}

ModelsFolder own_models_folder() {
  std::error_code ignored;
  // From the program's own place, so that an installation may be moved.
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  // An installed program has its models beside it, and a program that links the library those of the
  // installation that its libtorch is of; one that was just built takes those of its source.
  for (const std::filesystem::path& prefix : {program.parent_path().parent_path(), prefix_of_libtorch()}) {
    if (prefix.empty()) continue;
    std::filesystem::path installed = prefix / CLIPCLS_INSTALLED_MODELS;
    if (std::filesystem::exists(installed, ignored)) return {std::move(installed), ModelOrigin::kInstalled};
  }
  return {CLIPCLS_SOURCE_MODELS, ModelOrigin::kSource};
}

std::vector<ModelsFolder> models_folders() {
  std::vector<ModelsFolder> folders;
  std::string rest = variable("CLIPCLS_MODEL_PATH");
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    // An empty part, as in "a::b", is no folder. (In PATH it would be the working folder: a trap.)
    if (end > 0) folders.push_back({rest.substr(0, end), ModelOrigin::kSearchPath});
    rest.erase(0, end + 1);
  }
  try {
    folders.push_back({user_data_folder() / "models", ModelOrigin::kUser});
  } catch (const Error&) {
    // A service without a home has the other folders.
  }
  folders.push_back(own_models_folder());
  return folders;
}

std::string model_folder_name(std::string_view name) {
  std::string result;
  // "hf:owner/name@a/b" becomes "owner--name@a-b".
  if (name.starts_with(kHubPrefix)) {
    name.remove_prefix(kHubPrefix.size());
    const std::string_view repository = name.substr(0, name.find('@'));
    result = replace_all(repository, '/', "--") + replace_all(name.substr(repository.size()), '/', "-");
  } else {
    result = replace_all(replace_all(name, '/', "-"), '@', "-");
  }
  std::string parts("/");
  parts.append(name).push_back('/');
  // Such a text is a path, or would leave the folder of models.
  const bool is_path = name.starts_with('/') || parts.find("/./") != std::string::npos ||
                       parts.find("/../") != std::string::npos || parts.find("//") != std::string::npos;
  const bool has_control =
      std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (is_path || has_control || has_hidden_name(result) || result.size() > kLongestFileName) return "";
  return result;
}

std::optional<NamedModel> find_named_model(const std::string& name) {
  const std::string folder_name = model_folder_name(name);
  if (folder_name.empty()) return std::nullopt;
  for (const ModelsFolder& folder : models_folders()) {
    for (const std::filesystem::path& path :
         {folder.path / folder_name, folder.path / (folder_name + kArchiveExtension)}) {
      if (name_of(path) == folder_name) return NamedModel{folder_name, path, folder.origin};
    }
  }
  return std::nullopt;
}

std::vector<NamedModel> list_named_models() {
  std::map<std::string, NamedModel> models;
  for (const ModelsFolder& folder : models_folders()) {
    std::error_code ignored;
    std::filesystem::directory_iterator entries(folder.path, ignored);
    for (; entries != std::filesystem::directory_iterator(); entries.increment(ignored)) {
      const std::optional<std::string> name = name_of(entries->path());
      // Folders are searched in their order, and the first model of a name hides the others.
      if (!name || models.contains(*name)) continue;
      // A folder goes before a file of the same name: the search decides.
      if (const auto model = find_named_model(*name)) models.emplace(*name, *model);
    }
  }
  std::vector<NamedModel> result;
  result.reserve(models.size());
  for (auto& [name, model] : models) result.push_back(std::move(model));
  return result;
}

std::uint64_t size_of_model(const std::filesystem::path& model) {
  std::error_code error;
  if (!std::filesystem::is_directory(model, error)) {
    const std::uintmax_t size = std::filesystem::file_size(model, error);
    return error ? 0 : size;
  }
  std::uint64_t sum = 0;
  std::filesystem::directory_iterator entries(model, error);
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    std::error_code ignored;
    if (entries->is_regular_file(ignored)) sum += entries->file_size(ignored);
  }
  return sum;
}

}  // namespace clipcls
