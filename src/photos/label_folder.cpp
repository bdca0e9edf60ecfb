#include "clipcls/photos/label_folder.h"

#include <utility>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::string_view kPlaceholder = "{label}";
constexpr std::string_view kRefusedElsewhere = "/\\:*?\"<>|";  // by exFAT, NTFS and network shares
constexpr std::size_t kMaxBytes = 200;  // of the 255 that file systems allow; the pattern may add to it

bool is_continuation_byte(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

}  // namespace

std::string path_component(std::string_view label) {
  std::string name;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto byte = static_cast<unsigned char>(label[i]);
    const bool is_c1_control =
        byte == 0xC2 && i + 1 < label.size() && static_cast<unsigned char>(label[i + 1]) < 0xA0;
    if (is_c1_control) ++i;
    const bool is_replaced = byte < 0x20 || byte == 0x7F || is_c1_control ||
                             kRefusedElsewhere.find(label[i]) != std::string_view::npos;
    name += is_replaced ? '_' : label[i];
  }
  if (name.size() > kMaxBytes) {
    std::size_t end = kMaxBytes;
    while (end > 0 && is_continuation_byte(name[end])) --end;
    name.resize(end);
  }
  name.erase(name.find_last_not_of(" .") + 1);
  name.erase(0, name.find_first_not_of(' '));
  if (name.starts_with('.')) name.front() = '_';
  return name.empty() ? "_" : name;
}

LabelFolder::LabelFolder(std::string pattern) : pattern_(std::move(pattern)) {
  const std::size_t first = pattern_.find(kPlaceholder);
  if (first == std::string::npos) {
    throw Error(ErrorKind::kUsage,
                "--sort-into " + pattern_ + ": has no {label}; write for example sorted/{label}");
  }
  for (std::size_t i = pattern_.find('{'); i != std::string::npos; i = pattern_.find('{', i + 1)) {
    if (pattern_.compare(i, kPlaceholder.size(), kPlaceholder) != 0) {
      throw Error(ErrorKind::kUsage, "--sort-into " + pattern_ +
                                         ": only {label} is filled in, and there is " +
                                         pattern_.substr(i, pattern_.find('}', i) - i + 1));
    }
  }
  root_ = std::filesystem::path(pattern_.substr(0, first) + "x").parent_path();
  if (root_.empty()) root_ = ".";
}

std::filesystem::path LabelFolder::of(std::string_view label) const {
  const std::string component = path_component(label);
  std::string path = pattern_;
  for (std::size_t i = path.find(kPlaceholder); i != std::string::npos;
       i = path.find(kPlaceholder, i + component.size())) {
    path.replace(i, kPlaceholder.size(), component);
  }
  return path;
}

}  // namespace clipcls
