#include "clipcls/pipeline/image_source.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include "clipcls/error.h"

namespace clipcls {
namespace {

std::vector<std::uint8_t> read_all(std::istream& stream) {
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) throw Error(ErrorKind::kUnreadable, "reading it failed midway");
  return bytes;
}

}  // namespace

std::vector<std::string> read_path_list(std::istream& list, bool is_nul_separated) {
  std::vector<std::string> paths;
  std::string path;
  while (std::getline(list, path, is_nul_separated ? '\0' : '\n')) {
    if (!is_nul_separated && path.ends_with('\r')) path.pop_back();  // a list that was written on Windows
    if (!path.empty()) paths.push_back(path);
  }
  return paths;
}

std::vector<std::uint8_t> read_image_bytes(const std::string& path) {
  if (path == kStdinName) return read_all(std::cin);
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw Error(ErrorKind::kNotFound, "no such file");
  if (status.type() == std::filesystem::file_type::directory) {
    throw Error(ErrorKind::kUnreadable, "is a folder; give its files, as in " + path + "/*");
  }
  if (status.type() == std::filesystem::file_type::none)
    throw Error(ErrorKind::kUnreadable, "cannot be read: " + error.message());
  // Opening a pipe or a device could block for ever or never end.
  if (status.type() != std::filesystem::file_type::regular) {
    throw Error(ErrorKind::kUnreadable,
                "is a pipe or a device, not a file; '-' reads one image from standard input");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::kUnreadable, "cannot be opened; check its permissions");
  return read_all(file);
}

}  // namespace clipcls
