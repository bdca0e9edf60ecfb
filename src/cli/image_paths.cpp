#include "image_paths.h"

#include <fstream>
#include <iostream>

#include "clipcls/error.h"
#include "clipcls/pipeline/image_source.h"

namespace clipcls {

std::vector<std::string> collect_paths(const ImageOptions& options) {
  std::vector<std::string> paths = options.images;
  if (options.files_from.empty()) return paths;
  std::ifstream file;
  const bool is_stdin = options.files_from == kStdinName;
  if (!is_stdin) file.open(options.files_from, std::ios::binary);
  if (!is_stdin && !file)
    throw Error(ErrorKind::kUsage, "--files-from " + options.files_from + ": cannot be read");
  for (std::string& path : read_path_list(is_stdin ? std::cin : file, options.is_nul_separated)) {
    paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace clipcls
