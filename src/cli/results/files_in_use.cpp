#include "cli/results/files_in_use.h"

#include "cli/results/output_file.h"

namespace clipcls {

FilesInUse files_in_use(const ImageOptions& options, const std::filesystem::path& model) {
  FilesInUse used;
  used.files = options.images;
  used.files.insert(used.files.end(), {options.files_from, model.string()});
  used.folders = {model.string()};
  return used;
}

FilesInUse files_in_use(const LabelOptions& options, const std::filesystem::path& model) {
  FilesInUse used = files_in_use(static_cast<const ImageOptions&>(options), model);
  used.files.insert(used.files.end(), {options.labels, options.templates_file, options.calibration});
  return used;
}

FilesInUse files_in_use(const ClassifyOptions& options, const std::filesystem::path& model) {
  FilesInUse used = files_in_use(static_cast<const LabelOptions&>(options), model);
  used.folders.push_back(options.image_features);
  return used;
}

OutputTarget results_target(const ClassifyOptions& options, const std::filesystem::path& model) {
  return {{.path = options.output,
           .kind = OutputKind::kResults,
           .replaces_anything = options.overwrites,
           .remedy = kOverwriteRemedy,
           .is_continued = options.is_resumed},
          files_in_use(options, model)};
}

FilesInUse files_in_use(std::span<const PlannedRun> runs, const LabelledImages& images,
                        const std::string& source, const std::string& image_features) {
  FilesInUse used;
  for (const PlannedRun& run : runs) {
    const FilesInUse of_run = files_in_use(run.options, run.run.model);
    used.files.insert(used.files.end(), of_run.files.begin(), of_run.files.end());
    used.folders.insert(used.folders.end(), of_run.folders.begin(), of_run.folders.end());
  }
  used.files.push_back(source);
  used.files.insert(used.files.end(), images.paths.begin(), images.paths.end());
  used.folders.push_back(image_features);
  return used;
}

}  // namespace clipcls
