#include "html_entities.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace clipcls {
namespace {

struct HtmlEntity {
  std::string_view name;
  std::u32string_view text;
};

#include "html_entities.inc"

template <std::size_t num_entities>
std::u32string_view find(const HtmlEntity (&entities)[num_entities], std::u32string_view name) {
  // Names are ASCII: comparing char with char32_t compares code points, and other characters match none.
  const auto is_before = [](const HtmlEntity& entity, std::u32string_view wanted) {
    return std::lexicographical_compare(entity.name.begin(), entity.name.end(), wanted.begin(), wanted.end());
  };
  const auto* const entity = std::lower_bound(std::begin(entities), std::end(entities), name, is_before);
  const bool is_found = entity != std::end(entities) &&
                        std::equal(entity->name.begin(), entity->name.end(), name.begin(), name.end());
  return is_found ? entity->text : std::u32string_view();
}

}  // namespace

std::u32string_view find_html5_entity(std::u32string_view name) { return find(kHtml5Entities, name); }

std::u32string_view find_ftfy_entity(std::u32string_view name) {
  // html.unescape() also takes "&amp" without the semicolon; ftfy does not.
  if (!name.ends_with(U';')) return {};
  const std::u32string_view text = find(kHtml5Entities, name);
  return text.empty() ? find(kUpperCaseEntities, name) : text;
}

}  // namespace clipcls
