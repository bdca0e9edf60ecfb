#include "cli/commands/model_import.h"

#include "model/import_folder.h"

namespace clipcls {

int import_model(const ImportModelOptions& options) {
  ImportOptions import_options;
  import_options.config = options.config;
  import_options.precision = options.precision;
  import_options.license = options.license;
  import_model_folder(options.source, options.output, import_options, options.force);
  return 0;
}

}  // namespace clipcls
