#include "clipcls/photos/xmp_keywords.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "clipcls/error.h"
#include "xmp_document.h"

namespace clipcls {
namespace {

struct KeywordProperty {
  const char* schema;
  const char* prefix;
  const char* name;
  bool is_optional;  ///< only where the sidecar has it
};

constexpr std::array<KeywordProperty, 3> kProperties = {{
    {kDublinCoreSchema, "dc", "subject", false},
    {kDigikamSchema, "digiKam", "TagsList", true},
    {kLightroomSchema, "lr", "hierarchicalSubject", true},
}};

constexpr std::uintmax_t kMaxSidecarBytes = 256U << 20U;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kOutput, path.string() + ": " + what);
}

/// None: there is no such file.
std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) return std::nullopt;
  // Somebody may never write to a pipe, and a film that is called photo.xmp does not fit into memory.
  if (!std::filesystem::is_regular_file(status)) fail(path, "is no ordinary file, and stays as it is");
  if (std::filesystem::file_size(path, error) > kMaxSidecarBytes)
    fail(path, "is no XMP sidecar, and stays as it is");
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) fail(path, "cannot be read, and stays as it is");
  return text;
}

void write_all(int descriptor, const std::string& text, const std::filesystem::path& path) {
  std::size_t num_written = 0;
  while (num_written < text.size()) {
    const ssize_t result = write(descriptor, text.data() + num_written, text.size() - num_written);
    if (result < 0 && errno == EINTR) continue;
    if (result < 0) fail(path, std::string("cannot be written: ") + std::strerror(errno));
    num_written += static_cast<std::size_t>(result);
  }
  if (fsync(descriptor) != 0) fail(path, std::string("cannot be written: ") + std::strerror(errno));
}

/// The new bytes under the old name, with its permissions, or else the old ones.
void replace_file(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  // A sidecar that is a symbolic link stays one.
  const std::filesystem::path real =
      std::filesystem::exists(path, error) ? std::filesystem::canonical(path, error) : path;
  const std::filesystem::path partial =
      real.parent_path() / (".clipcls-" + std::to_string(getpid()) + ".xmp");
  const int descriptor = open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(path, std::string("cannot be written: ") + std::strerror(errno));
  try {
    struct stat status {};
    if (stat(real.c_str(), &status) == 0) fchmod(descriptor, status.st_mode & 07777U);
    write_all(descriptor, text, path);
    if (rename(partial.c_str(), real.c_str()) != 0)
      fail(path, std::string("cannot be written: ") + std::strerror(errno));
  } catch (const Error&) {
    close(descriptor);
    std::filesystem::remove(partial, error);
    throw;
  }
  close(descriptor);
}

bool has_keywords(const XmpDocument& document, std::span<const std::string> keywords) {
  for (const KeywordProperty& property : kProperties) {
    if (property.is_optional && !document.has_property(property.schema, property.name)) continue;
    for (const std::string& keyword : keywords) {
      if (!document.has_item(property.schema, property.name, keyword)) return false;
    }
  }
  return true;
}

/// The text of the sidecar with the keywords; none: it has them all.
std::optional<std::string> merge(const LibXml& xml, const std::filesystem::path& sidecar,
                                 std::span<const std::string> keywords) {
  XmpDocument document(xml);
  const std::optional<std::string> text = read_text(sidecar);
  const bool is_blank = !text || text->find_first_not_of(" \t\r\n") == std::string::npos;
  if (!is_blank && !document.parse(*text)) fail(sidecar, "is no XMP sidecar, and stays as it is");
  bool has_changed = false;
  for (const KeywordProperty& property : kProperties) {
    if (property.is_optional && !document.has_property(property.schema, property.name)) continue;
    for (const std::string& keyword : keywords) {
      if (document.has_item(property.schema, property.name, keyword)) continue;
      if (!document.append_item(property.schema, property.prefix, property.name, keyword))
        fail(sidecar, std::string("its ") + property.name + " is no list, and it stays as it is");
      has_changed = true;
    }
  }
  if (!has_changed) return std::nullopt;
  std::string merged = document.serialize();
  // A file whose namespaces are wrong may mean something else once a namespace is added.
  if (!document.parse(merged) || !has_keywords(document, keywords))
    fail(sidecar, "cannot be written as XMP, and stays as it is");
  return merged;
}

}  // namespace

XmpKeywords::XmpKeywords() : xml_(std::make_shared<const LibXml>()) {}

bool XmpKeywords::add(const std::filesystem::path& sidecar, std::span<const std::string> keywords) const {
  const std::optional<std::string> merged = merge(*xml_, sidecar, keywords);
  if (merged) replace_file(sidecar, *merged);
  return merged.has_value();
}

bool XmpKeywords::would_add(const std::filesystem::path& sidecar,
                            std::span<const std::string> keywords) const {
  return merge(*xml_, sidecar, keywords).has_value();
}

}  // namespace clipcls
