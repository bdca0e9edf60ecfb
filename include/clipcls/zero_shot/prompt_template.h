#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// A text with one {} that a label takes the place of: "a photo of a {}."
class PromptTemplate {
 public:
  /// Throws Error (kLabels) unless `text` has exactly one {}.
  explicit PromptTemplate(std::string_view text);

  /// The prompt of `label`.
  std::string fill(std::string_view label) const { return before_ + std::string(label) + after_; }

 private:
  std::string before_;
  std::string after_;
};

/// The templates of a file, one a line, with the rules of a label file. Throws Error (kLabels).
std::vector<PromptTemplate> read_prompt_templates(const std::filesystem::path& path);

}  // namespace clipcls
