#include "zero_shot/prompt_template.h"

#include <fmt/ranges.h>

#include <utility>

#include "base/closest_word.h"
#include "clipcls/error.h"
#include "files/text_file.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

constexpr std::pair<std::string_view, std::string_view> kBuiltinSets[] = {
#include "builtin_templates.inc"
};

}  // namespace

PromptTemplate::PromptTemplate(std::string_view text) {
  constexpr std::string_view kPlaceholder = "{}";
  const std::size_t position = text.find(kPlaceholder);
  // Without {} all labels would have the same prompt; with two it is most likely a mistake.
  if (position == std::string_view::npos || text.find(kPlaceholder, position + 1) != std::string_view::npos) {
    throw Error(ErrorKind::kLabels,
                "prompt template \"" + std::string(text) +
                    "\" must have exactly one {} for the label, as in \"a photo of a {}.\"");
  }
  before_ = text.substr(0, position);
  after_ = text.substr(position + kPlaceholder.size());
}

std::vector<PromptTemplate> find_prompt_templates(const std::string& file_or_name, const ReadText& read) {
  const auto parse = [&](std::string_view text) {
    std::vector<PromptTemplate> templates;
    for (const std::string& line : parse_labels(text, place_of(file_or_name))) templates.emplace_back(line);
    return templates;
  };
  std::vector<std::string> known;
  const std::string_view* built_in = nullptr;
  for (const auto& [name, text] : kBuiltinSets) {
    if (text.empty()) continue;  // the build had no file to take it from
    known.emplace_back(name);
    if (name == file_or_name) built_in = &text;
  }
  if (names_list_file(file_or_name, built_in != nullptr)) return parse(read(file_or_name));
  if (built_in != nullptr) return parse(*built_in);
  throw Error(ErrorKind::kLabels,
              file_or_name + ": no such file, nor a built-in set of templates (" +
                  (known.empty() ? "this build has none" : fmt::format("{}", fmt::join(known, ", "))) + ")" +
                  perhaps_meant(file_or_name, known));
}

std::vector<std::string> builtin_template_list() {
  std::vector<std::string> names;
  for (const auto& [name, text] : kBuiltinSets) {
    if (!text.empty()) names.emplace_back(name);  // the build had a file to take it from
  }
  return names;
}

}  // namespace clipcls
