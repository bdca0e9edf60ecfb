#include "cli/results/files_in_use.h"

#include <set>
#include <utility>

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

std::function<bool(const std::filesystem::path&)> stays_in_place(const FilesInUse& used,
                                                                 const OutputTarget& target) {
  std::set<FileNumber> numbers;
  for (const std::string& input : used.all()) {
    if (const auto number = number_of_file(input)) numbers.insert(*number);
  }
  return [numbers = std::move(numbers), target](const std::filesystem::path& file) {
    const auto number = number_of_file(file.string());
    return target.has_part(file) || (number && numbers.contains(*number));
  };
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
