#include "cli/flags/parameter_names.h"

#include <array>
#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

struct ParameterFlag {
  const char* parameter;  ///< as it stands in messages
  const char* flag;
};

// A value behind the name stays as it is: "`precision` fp32" becomes "--precision fp32".
constexpr std::array<ParameterFlag, 24> kParameterFlags = {{
    {"`batch_size`", "--batch-size"},
    {"`config`", "--config"},
    {"`copy`", "--copy"},
    {"`decode_sandbox`", "--decode-sandbox"},
    {"`device`", "--device"},
    {"`format`", "--format"},
    {"`host`", "--host"},
    {"`is_long`", "--long"},
    {"`is_recursive`", "--recursive"},
    {"`link`", "--link"},
    {"`max_body_bytes`", "--max-body"},
    {"`max_megapixels`", "--max-megapixels"},
    {"`max_request_labels`", "--max-labels"},
    {"`mirror`", "--mirror"},
    {"`none`", "--none"},
    {"`num_threads`", "--threads"},
    {"`page`", "--page"},
    {"`pattern`", "--sort-into"},
    {"`port`", "--port"},
    {"`precision`", "--precision"},
    {"`socket`", "--socket"},
    {"`stall_seconds`", "--timeout"},
    {"`symlink`", "--symlink"},
    {"`top_k`", "--top-k"},
}};

}  // namespace

std::string with_flags(std::string message) {
  for (const auto& [parameter, flag] : kParameterFlags) {
    const std::string name = parameter;
    for (std::size_t at = message.find(name); at != std::string::npos; at = message.find(name, at))
      message.replace(at, name.size(), flag);
  }
  return message;
}

ImageResult with_flags(ImageResult result) {
  if (result.error) result.error = Error(result.error->kind(), with_flags(result.error->what()));
  return result;
}

}  // namespace clipcls
