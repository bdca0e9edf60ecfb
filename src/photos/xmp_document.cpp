#include "xmp_document.h"

#include <string_view>

#include "base/trim.h"

namespace clipcls {
namespace {

constexpr const char* kRdfSchema = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

constexpr const char* kEmptyDocument =
    R"(<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">)"
    R"(<rdf:Description rdf:about=""/></rdf:RDF></x:xmpmeta>)";

const xmlChar* to_xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

std::string_view from_xml(const xmlChar* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// For elements and attributes, whose structs begin alike.
template <typename Node>
bool is_named(const Node* node, std::string_view schema, std::string_view name) {
  return node->ns != nullptr && from_xml(node->ns->href) == schema && from_xml(node->name) == name;
}

bool is_element(const xmlNode* node, std::string_view schema, std::string_view name) {
  return node->type == XML_ELEMENT_NODE && is_named(node, schema, name);
}

bool is_list(const xmlNode* node) {
  return is_element(node, kRdfSchema, "Bag") || is_element(node, kRdfSchema, "Seq") ||
         is_element(node, kRdfSchema, "Alt");
}

bool has_attribute(const xmlNode* node, std::string_view schema, std::string_view name) {
  for (const xmlAttr* attribute = node->properties; attribute != nullptr; attribute = attribute->next) {
    if (is_named(attribute, schema, name)) return true;
  }
  return false;
}

/// The element itself or one of its children: x:xmpmeta around it is customary, not needed.
xmlNode* find_rdf(xmlNode* root) {
  if (root == nullptr || is_element(root, kRdfSchema, "RDF")) return root;
  for (xmlNode* child = root->children; child != nullptr; child = child->next) {
    if (is_element(child, kRdfSchema, "RDF")) return child;
  }
  return nullptr;
}

}  // namespace

XmpDocument::XmpDocument(const LibXml& xml) : xml_(xml), document_(nullptr, xml.free_document) {
  parse(kEmptyDocument);
  is_new_ = true;
}

bool XmpDocument::parse(const std::string& text) {
  // No entities of the file's own are filled in, nothing is fetched, nothing printed.
  constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  document_.reset(xml_.read(text.data(), static_cast<int>(text.size()), nullptr, nullptr, kOptions));
  rdf_ = document_ ? find_rdf(xml_.root(document_.get())) : nullptr;
  is_new_ = false;
  return rdf_ != nullptr;
}

// XMP, part 1: a property is an attribute or an element of an rdf:Description, of which there may be several.
xmlNode* XmpDocument::find_property(const char* schema, const char* name) const {
  for (xmlNode* description = rdf_->children; description != nullptr; description = description->next) {
    if (!is_element(description, kRdfSchema, "Description")) continue;
    if (has_attribute(description, schema, name)) return description;
    for (xmlNode* property = description->children; property != nullptr; property = property->next) {
      if (is_element(property, schema, name)) return property;
    }
  }
  return nullptr;
}

xmlNode* XmpDocument::find_list(const char* schema, const char* name) const {
  xmlNode* property = find_property(schema, name);
  if (property == nullptr || !is_element(property, schema, name)) return nullptr;
  for (xmlNode* child = property->children; child != nullptr; child = child->next) {
    if (is_list(child)) return child;
  }
  return nullptr;
}

bool XmpDocument::has_property(const char* schema, const char* name) const {
  return find_property(schema, name) != nullptr;
}

bool XmpDocument::has_item(const char* schema, const char* name, const std::string& item) const {
  const xmlNode* list = find_list(schema, name);
  if (list == nullptr) return false;
  for (const xmlNode* entry = list->children; entry != nullptr; entry = entry->next) {
    if (!is_element(entry, kRdfSchema, "li")) continue;
    const std::unique_ptr<xmlChar, xmlFreeFunc> text(xml_.text_of(entry), xml_.free);
    // Blanks around a keyword are the file's layout: a keyword twice would look like a mistake.
    if (trim(from_xml(text.get())) == trim(item)) return true;
  }
  return false;
}

xmlNode* XmpDocument::make_list(const char* schema, const char* prefix, const char* name) {
  xmlNode* description = rdf_->children;
  while (description != nullptr && !is_element(description, kRdfSchema, "Description"))
    description = description->next;
  if (description == nullptr) {
    description = xml_.add_child(rdf_, rdf_->ns, to_xml("Description"), nullptr);
  }
  xmlNs* property_namespace = xml_.find_namespace(document_.get(), description, to_xml(schema));
  if (property_namespace == nullptr)
    property_namespace = xml_.add_namespace(description, to_xml(schema), to_xml(prefix));
  // The prefix may stand for something else there; without it the namespace is the element's own.
  xmlNode* property = xml_.add_child(description, property_namespace, to_xml(name), nullptr);
  if (property_namespace == nullptr) property->ns = xml_.add_namespace(property, to_xml(schema), nullptr);
  return xml_.add_child(property, rdf_->ns, to_xml("Bag"), nullptr);
}

bool XmpDocument::append_item(const char* schema, const char* prefix, const char* name,
                              const std::string& item) {
  xmlNode* list = find_list(schema, name);
  // The property is a plain value there; to make a list of it would change what other programs read.
  if (list == nullptr && has_property(schema, name)) return false;
  if (list == nullptr) list = make_list(schema, prefix, name);
  xmlNode* const first = list->children;
  xmlNode* const last = list->last;
  const auto is_blank = [](const xmlNode* node) { return node != nullptr && node->type == XML_TEXT_NODE; };
  xmlNode* entry = xml_.add_child(list, rdf_->ns, to_xml("li"), to_xml(item.c_str()));
  // Where each entry has a line of its own, as the first one has.
  if (is_blank(first) && is_blank(last) && first != last) {
    // The first blank text is the line end and indentation before an entry; the last stands before the end
    // tag.
    xml_.add_before(last, entry);
    xml_.add_before(entry, xml_.create_text(first->content));
  }
  return true;
}

std::string XmpDocument::serialize() const {
  xmlChar* bytes = nullptr;
  int size = 0;
  xml_.dump(document_.get(), &bytes, &size, "UTF-8", is_new_ ? 1 : 0);
  const std::unique_ptr<xmlChar, xmlFreeFunc> owner(bytes, xml_.free);
  return bytes == nullptr ? std::string()
                          : std::string(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

}  // namespace clipcls
