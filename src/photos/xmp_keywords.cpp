#include "photos/xmp_keywords.h"

#include <array>
#include <optional>
#include <system_error>

#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "files/read_file.h"
#include "xmp_document.h"

namespace clipcls {
namespace {

struct KeywordProperty {
  const char* schema;
  const char* prefix;
  const char* name;
  bool is_optional;  ///< only where the sidecar has it
};

// dc:subject is what every program reads. digiKam and Lightroom prefer lists of their own where those are, so
// a keyword that is missing there would not be seen.
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
  // A film that is called photo.xmp does not fit into memory.
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) > kMaxSidecarBytes)
    fail(path, "is not an XMP sidecar, and stays as it is");
  return read_file(path, ErrorKind::kOutput, "it stays as it is");
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
  // A new document, which parse() replaces where the sidecar has one.
  XmpDocument document(xml);
  const std::optional<std::string> text = read_text(sidecar);
  const bool is_blank = !text || text->find_first_not_of(" \t\r\n") == std::string::npos;
  if (!is_blank && !document.parse(*text)) fail(sidecar, "is not an XMP sidecar, and stays as it is");
  bool has_changed = false;
  for (const KeywordProperty& property : kProperties) {
    if (property.is_optional && !document.has_property(property.schema, property.name)) continue;
    for (const std::string& keyword : keywords) {
      if (document.has_item(property.schema, property.name, keyword)) continue;
      if (!document.append_item(property.schema, property.prefix, property.name, keyword))
        fail(sidecar, std::string("its ") + property.name + " is not a list, and it stays as it is");
      has_changed = true;
    }
  }
  if (!has_changed) return std::nullopt;
  // Read back before it replaces anything: a sidecar may hold years of work.
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
  if (merged) write_file(sidecar, *merged, Links::kFollowed);
  return merged.has_value();
}

bool XmpKeywords::would_add(const std::filesystem::path& sidecar,
                            std::span<const std::string> keywords) const {
  return merge(*xml_, sidecar, keywords).has_value();
}

}  // namespace clipcls
