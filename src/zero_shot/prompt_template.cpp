#include "clipcls/zero_shot/prompt_template.h"

#include <system_error>
#include <utility>

#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"

namespace clipcls {
namespace {

constexpr std::pair<std::string_view, std::string_view> kBuiltinSets[] = {
#include "builtin_templates.inc"
};

}  // namespace

PromptTemplate::PromptTemplate(std::string_view text) {
  constexpr std::string_view kPlaceholder = "{}";
  const std::size_t position = text.find(kPlaceholder);
  if (position == std::string_view::npos || text.find(kPlaceholder, position + 1) != std::string_view::npos) {
    throw Error(ErrorKind::kLabels,
                "prompt template \"" + std::string(text) +
                    "\" must have exactly one {} for the label, as in \"a photo of a {}.\"");
  }
  before_ = text.substr(0, position);
  after_ = text.substr(position + kPlaceholder.size());
}

std::vector<PromptTemplate> read_prompt_templates(const std::filesystem::path& path) {
  std::vector<PromptTemplate> templates;
  for (const std::string& line : parse_labels(read_list(path), path.string())) templates.emplace_back(line);
  return templates;
}

std::vector<PromptTemplate> find_prompt_templates(const std::string& file_or_name) {
  std::error_code ignored;
  if (std::filesystem::exists(file_or_name, ignored)) return read_prompt_templates(file_or_name);
  std::string names;
  for (const auto& [name, text] : kBuiltinSets) {
    if (text.empty()) continue;  // the build had no file to take it from
    names += (names.empty() ? "" : ", ") + std::string(name);
    if (name != file_or_name) continue;
    std::vector<PromptTemplate> templates;
    for (const std::string& line : parse_labels(text, file_or_name)) templates.emplace_back(line);
    return templates;
  }
  throw Error(ErrorKind::kLabels, file_or_name + ": no such file, nor a built-in set of templates (" +
                                      (names.empty() ? "this build has none" : names) + ")");
}

}  // namespace clipcls
