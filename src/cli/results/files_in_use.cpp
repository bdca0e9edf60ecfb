#include "cli/results/files_in_use.h"

#include "cli/results/output_file.h"

namespace clipcls {

FilesInUse files_in_use(const NamedInputs& inputs, const std::filesystem::path& model,
                        const std::string& image_features) {
  FilesInUse used;
  for (const auto& [flag, file] : inputs) used.files.push_back(file);
  used.files.push_back(model.string());
  used.folders = {model.string(), image_features};
  return used;
}

OutputTarget results_target(const ResultFlags& flags, const FilesInUse& used) {
  return {{.path = flags.output.path(),
           .kind = OutputKind::kResults,
           .replaces_anything = flags.output.overwrites,
           .remedy = kOverwriteRemedy,
           .is_continued = flags.is_resumed},
          used};
}

}  // namespace clipcls
