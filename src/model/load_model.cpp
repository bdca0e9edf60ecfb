#include "model/load_model.h"

#include <system_error>

#include "model/openai_archive.h"
#include "model/torchscript_model.h"

namespace clipcls {

std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(model, ignored);
  return is_folder ? load_torchscript_model(model, options) : load_openai_archive(model, options);
}

}  // namespace clipcls
