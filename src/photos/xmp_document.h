#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <memory>
#include <string>

#include "base/shared_library.h"

namespace clipcls {

constexpr const char* kDublinCoreSchema = "http://purl.org/dc/elements/1.1/";
constexpr const char* kLightroomSchema = "http://ns.adobe.com/lightroom/1.0/";
constexpr const char* kDigikamSchema = "http://www.digikam.org/ns/1.0/";

/// The functions of libxml2 that are used here.
///
/// Adobe's XMP toolkit (libexempi, and within libexiv2) would know XMP better, and changes it: a title that
/// has a text for "x-default" and one for another language comes back with the first text twice. The tree of
/// the XML keeps what it is not told to change.
struct LibXml {
  SharedLibrary library{"libxml2.so.2", "libxml2", "writing XMP sidecars", ErrorKind::kOutput};
  decltype(&xmlReadMemory) read = library.symbol<decltype(&xmlReadMemory)>("xmlReadMemory");
  decltype(&xmlFreeDoc) free_document = library.symbol<decltype(&xmlFreeDoc)>("xmlFreeDoc");
  decltype(&xmlDocGetRootElement) root =
      library.symbol<decltype(&xmlDocGetRootElement)>("xmlDocGetRootElement");
  decltype(&xmlSearchNsByHref) find_namespace =
      library.symbol<decltype(&xmlSearchNsByHref)>("xmlSearchNsByHref");
  decltype(&xmlNewNs) add_namespace = library.symbol<decltype(&xmlNewNs)>("xmlNewNs");
  decltype(&xmlNewTextChild) add_child = library.symbol<decltype(&xmlNewTextChild)>("xmlNewTextChild");
  decltype(&xmlNewText) create_text = library.symbol<decltype(&xmlNewText)>("xmlNewText");
  decltype(&xmlAddPrevSibling) add_before = library.symbol<decltype(&xmlAddPrevSibling)>("xmlAddPrevSibling");
  decltype(&xmlNodeGetContent) text_of = library.symbol<decltype(&xmlNodeGetContent)>("xmlNodeGetContent");
  decltype(&xmlDocDumpFormatMemoryEnc) dump =
      library.symbol<decltype(&xmlDocDumpFormatMemoryEnc)>("xmlDocDumpFormatMemoryEnc");
  xmlFreeFunc free = *library.symbol<xmlFreeFunc*>("xmlFree");
};

/// What a sidecar says, as XML.
class XmpDocument {
 public:
  /// Says nothing yet.
  explicit XmpDocument(const LibXml& xml);

  /// Reads the text of a sidecar; false when it is no XMP.
  bool parse(const std::string& text);
  bool has_property(const char* schema, const char* name) const;
  bool has_item(const char* schema, const char* name, const std::string& item) const;
  /// Adds `item` to the list of a property, which is made, as an rdf:Bag with `prefix`, if there is none.
  /// False when the property is there and is no list.
  bool append_item(const char* schema, const char* prefix, const char* name, const std::string& item);
  /// The text of a sidecar, UTF-8; empty when it cannot be written.
  std::string serialize() const;

 private:
  xmlNode* find_property(const char* schema, const char* name) const;
  xmlNode* find_list(const char* schema, const char* name) const;
  xmlNode* make_list(const char* schema, const char* prefix, const char* name);

  const LibXml& xml_;
  std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document_;
  xmlNode* rdf_ = nullptr;  ///< the element rdf:RDF
  bool is_new_ = true;
};

}  // namespace clipcls
