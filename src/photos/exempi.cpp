#include "exempi.h"

#include <iostream>
#include <string_view>

namespace clipcls {
namespace {

/// A string that libexempi writes into.
class XmpText {
 public:
  explicit XmpText(const LibExempi& exempi)
      : exempi_(exempi), text_(exempi.create_string(), exempi.destroy_string) {}
  operator XmpStringPtr() const { return text_.get(); }  // NOLINT(google-explicit-constructor)
  std::string str() const { return exempi_.text_of(text_.get()); }

 private:
  const LibExempi& exempi_;
  std::unique_ptr<_XmpString, decltype(&xmp_string_free)> text_;
};

/// While it lives, std::cerr drops what is written: libexempi prints its errors there, and they are reported
/// otherwise.
class SilentCerr {
 public:
  SilentCerr() : buffer_(std::cerr.rdbuf(nullptr)) {}
  ~SilentCerr() { std::cerr.rdbuf(buffer_); }  // clears the error that writing to nothing left, too
  SilentCerr(const SilentCerr&) = delete;
  SilentCerr& operator=(const SilentCerr&) = delete;
  SilentCerr(SilentCerr&&) = delete;
  SilentCerr& operator=(SilentCerr&&) = delete;

 private:
  std::streambuf* buffer_;
};

/// Any XML parses, and gives an empty document; writing that back would lose what is in the file.
bool holds_rdf(const std::string& text) {
  constexpr std::string_view kUtf16(":\0R\0D\0F", 7);
  return text.find(":RDF") != std::string::npos || text.find(kUtf16) != std::string::npos;
}

}  // namespace

LibExempi::LibExempi() {
  init();
  register_namespace(kLightroomSchema, "lr", nullptr);
  register_namespace(kDigikamSchema, "digiKam", nullptr);
}

bool XmpDocument::parse(const std::string& text) {
  const SilentCerr silent;
  return holds_rdf(text) && exempi_.parse(xmp_.get(), text.data(), text.size());
}

bool XmpDocument::has_property(const char* schema, const char* name) const {
  return exempi_.get_property(xmp_.get(), schema, name, nullptr, nullptr);
}

bool XmpDocument::has_item(const char* schema, const char* name, const std::string& item) const {
  const SilentCerr silent;
  const XmpText value(exempi_);
  for (int index = 1; exempi_.get_array_item(xmp_.get(), schema, name, index, value, nullptr); ++index) {
    if (value.str() == item) return true;
  }
  return false;
}

bool XmpDocument::append_item(const char* schema, const char* name, std::uint32_t array_kind,
                              const std::string& item) {
  const SilentCerr silent;
  std::uint32_t kind = array_kind;
  std::uint32_t found = 0;
  if (exempi_.get_property(xmp_.get(), schema, name, nullptr, &found))
    kind = found & XMP_PROP_ARRAY_FORM_MASK;
  return kind != 0 && exempi_.append_array_item(xmp_.get(), schema, name, kind, item.c_str(), 0);
}

std::string XmpDocument::serialize() const {
  const XmpText text(exempi_);
  constexpr std::uint32_t kOptions = XMP_SERIAL_OMITPACKETWRAPPER | XMP_SERIAL_USECOMPACTFORMAT;
  if (!exempi_.serialize(xmp_.get(), text, kOptions, 0)) return {};
  return R"(<?xml version="1.0" encoding="UTF-8"?>)"
         "\n" +
         text.str() + "\n";
}

}  // namespace clipcls
