#include "model/load_model.h"

#include <system_error>

#include "model/device.h"
#include "model/load_model_folder.h"
#include "model/openai_archive.h"
#include "model/torch_library.h"

namespace clipcls {

LoadOptions resolve_device(const LoadOptions& options, std::string_view device) {
  const DeviceChoice choice = parse_device(device);
  const bool is_cpu = choice.kind == DeviceChoice::Kind::kCpu;
  const int num_found = is_cpu ? 0 : num_gpus();
  return choose_device(options, choice, num_found, !is_cpu && num_found == 0 ? why_no_gpu() : "");
}

std::unique_ptr<ClipModel> load_model(const std::filesystem::path& model, const LoadOptions& options) {
  std::error_code ignored;
  const bool is_folder = std::filesystem::is_directory(model, ignored);
  return is_folder ? load_model_folder(model, options) : load_openai_archive(model, options);
}

}  // namespace clipcls
