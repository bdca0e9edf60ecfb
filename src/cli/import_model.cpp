// A stand-in, until `clipcls model import` is merged: copies what was fetched.
#include "import_model.h"

namespace clipcls {

void import_model_folder(const std::filesystem::path& source, const std::filesystem::path& output,
                         const ImportOptions& /*options*/, bool replaces) {
  if (replaces) std::filesystem::remove_all(output);
  std::filesystem::copy(source, output, std::filesystem::copy_options::recursive);
}

}  // namespace clipcls
