#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "zero_shot/labels.h"

namespace clipcls {

/// A text with one {} that a label takes the place of: "a photo of a {}."
class PromptTemplate {
 public:
  /// Throws Error (kLabels) unless `text` has exactly one {}.
  explicit PromptTemplate(std::string_view text);

  /// The prompt of `label`.
  std::string fill(std::string_view label) const { return before_ + std::string(label) + after_; }

  /// What it was made of.
  std::string text() const { return fill("{}"); }

 private:
  std::string before_;
  std::string after_;
};

/// The templates of `file_or_name`: a file if there is one, else the built-in set of that name: "openai", the
/// 80 that OpenAI used for ImageNet, or "simple", their best seven. A folder of a set's name is no file.
/// `read` gives the text of a file. Throws Error (kLabels) that lists the names when it is neither.
std::vector<PromptTemplate> find_prompt_templates(const std::string& file_or_name,
                                                  const ReadText& read = read_list);

/// The names of the built-in sets.
std::vector<std::string> builtin_template_list();

}  // namespace clipcls
