#include "cli/flags/label_set_argument.h"

#include <filesystem>
#include <system_error>

namespace clipcls {

std::pair<std::string, std::string> split_label_set(const std::string& argument) {
  std::error_code ignored;
  const std::size_t equals = argument.find('=');
  if (equals != std::string::npos && !std::filesystem::exists(argument, ignored))
    return {argument.substr(0, equals), argument.substr(equals + 1)};
  return {argument == "-" ? "stdin" : std::filesystem::path(argument).stem().string(), argument};
}

}  // namespace clipcls
