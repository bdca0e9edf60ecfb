#pragma once

// Lists of labels, and the prompt templates that make texts of them.

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace clipcls {

/// A list of labels, with the prompts, synonyms and groups that a file may give them. A label that is there
/// twice counts once. A list never changes, and copies share it. All functions may be called from several
/// threads at once.
class Labels {
 public:
  /// Labels of these names. What cannot be seen around a name is left out. Throws Error (kLabels) where there
  /// is none, or a name is blank, not UTF-8 or several lines.
  explicit Labels(const std::vector<std::string>& names);
  Labels(std::initializer_list<std::string> names);
  // Copies only, so that a list that was moved from can still be used.
  Labels(const Labels&) = default;
  Labels& operator=(const Labels&) = default;

  /// The labels of a file, else the built-in list of that name ("cifar100"). A file is text, one label a
  /// line (UTF-8; blank lines and lines that start with '#' are skipped), or JSON with prompts, synonyms and
  /// groups, or labels that were made from pictures. "-" is standard input. Throws Error (kLabels) that names
  /// the file and the line, or the lists that there are.
  static Labels read(const std::string& file_or_name);

  /// The labels of the text of such a file; `name` is what errors call it. Throws Error (kLabels).
  static Labels parse(std::string_view text, const std::string& name = "labels");

  /// The number of labels, at least 1.
  std::size_t size() const;

  /// The name of label `index`, less than size(); valid as long as a copy of the list lives.
  const std::string& operator[](std::size_t index) const;

  struct Impl;
  /// The library's own side; of no use outside.
  const std::shared_ptr<const Impl>& impl() const { return impl_; }

 private:
  explicit Labels(std::shared_ptr<const Impl> impl);

  std::shared_ptr<const Impl> impl_;
};

/// The prompt templates of a file, one a line, else the built-in set of that name: "openai", the 80 that
/// OpenAI used for ImageNet, or "simple", their best seven. Each has one {} that a label takes the place of.
/// Throws Error (kLabels) that names the file and the line, or the sets that there are. May be called from
/// several threads at once.
std::vector<std::string> read_templates(const std::string& file_or_name);

}  // namespace clipcls
