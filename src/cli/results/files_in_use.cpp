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

FilesInUse files_in_use(std::span<const PlannedRun> runs, const LabelledImages& images,
                        const std::string& source, const std::string& image_features) {
  FilesInUse used;
  for (const PlannedRun& run : runs) {
    const FilesInUse of_run = files_in_use(run.inputs, run.run.model);
    used.files.insert(used.files.end(), of_run.files.begin(), of_run.files.end());
    used.folders.insert(used.folders.end(), of_run.folders.begin(), of_run.folders.end());
  }
  used.files.push_back(source);
  used.files.insert(used.files.end(), images.paths.begin(), images.paths.end());
  used.folders.push_back(image_features);
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
