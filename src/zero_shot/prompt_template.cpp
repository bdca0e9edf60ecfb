#include "clipcls/zero_shot/prompt_template.h"

#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"

namespace clipcls {

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
  for (const std::string& line : read_labels(path)) templates.emplace_back(line);
  return templates;
}

}  // namespace clipcls
