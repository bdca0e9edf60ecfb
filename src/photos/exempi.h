#pragma once

#include <exempi/xmp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "clipcls/shared_library.h"

namespace clipcls {

constexpr const char* kDublinCoreSchema = "http://purl.org/dc/elements/1.1/";
constexpr const char* kLightroomSchema = "http://ns.adobe.com/lightroom/1.0/";
constexpr const char* kDigikamSchema = "http://www.digikam.org/ns/1.0/";

/// The functions of libexempi, which is Adobe's XMP toolkit behind a C interface, that are used here.
struct LibExempi {
  SharedLibrary library{"libexempi.so.8", "libexempi8", "--write-xmp", ErrorKind::kOutput};
  decltype(&xmp_init) init = library.symbol<decltype(&xmp_init)>("xmp_init");
  decltype(&xmp_get_error) last_error = library.symbol<decltype(&xmp_get_error)>("xmp_get_error");
  decltype(&xmp_register_namespace) register_namespace =
      library.symbol<decltype(&xmp_register_namespace)>("xmp_register_namespace");
  decltype(&xmp_new_empty) create = library.symbol<decltype(&xmp_new_empty)>("xmp_new_empty");
  decltype(&xmp_free) destroy = library.symbol<decltype(&xmp_free)>("xmp_free");
  decltype(&xmp_parse) parse = library.symbol<decltype(&xmp_parse)>("xmp_parse");
  decltype(&xmp_serialize) serialize = library.symbol<decltype(&xmp_serialize)>("xmp_serialize");
  decltype(&xmp_get_property) get_property = library.symbol<decltype(&xmp_get_property)>("xmp_get_property");
  decltype(&xmp_get_array_item) get_array_item =
      library.symbol<decltype(&xmp_get_array_item)>("xmp_get_array_item");
  decltype(&xmp_append_array_item) append_array_item =
      library.symbol<decltype(&xmp_append_array_item)>("xmp_append_array_item");
  decltype(&xmp_string_new) create_string = library.symbol<decltype(&xmp_string_new)>("xmp_string_new");
  decltype(&xmp_string_free) destroy_string = library.symbol<decltype(&xmp_string_free)>("xmp_string_free");
  decltype(&xmp_string_cstr) text_of = library.symbol<decltype(&xmp_string_cstr)>("xmp_string_cstr");

  LibExempi();
};

/// What a sidecar says.
class XmpDocument {
 public:
  explicit XmpDocument(const LibExempi& exempi) : exempi_(exempi), xmp_(exempi.create(), exempi.destroy) {}

  /// Reads the text of a sidecar; false when it is no XMP.
  bool parse(const std::string& text);
  bool has_property(const char* schema, const char* name) const;
  bool has_item(const char* schema, const char* name, const std::string& item) const;
  /// False when the property is there and is no array.
  bool append_item(const char* schema, const char* name, std::uint32_t array_kind, const std::string& item);
  /// The text of a sidecar; empty when it cannot be written.
  std::string serialize() const;

 private:
  const LibExempi& exempi_;
  std::unique_ptr<_Xmp, decltype(&xmp_free)> xmp_;
};

}  // namespace clipcls
