#include "cli/commands/model_import.h"

#include <filesystem>
#include <system_error>

#include "clipcls/error.h"
#include "model/import_folder.h"

namespace clipcls {

int import_model(const ImportModelOptions& options) {
  std::error_code ignored;
  if (!options.force && std::filesystem::exists(std::filesystem::symlink_status(options.output, ignored)))
    throw Error(ErrorKind::kUsage, options.output + ": exists; --force replaces it");
  ImportOptions import_options;
  import_options.config = options.config;
  import_options.precision = options.precision;
  import_options.license = options.license;
  import_model_folder(options.source, options.output, import_options, options.force);
  return 0;
}

}  // namespace clipcls
