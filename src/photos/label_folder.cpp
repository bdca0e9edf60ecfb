#include "photos/label_folder.h"

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "clipcls/error.h"
#include "file_names.h"

namespace clipcls {
namespace {

constexpr std::string_view kPlaceholder = "{label}";
constexpr std::string_view kRefusedElsewhere = "/\\:*?\"<>|";  // by exFAT, NTFS and network shares
constexpr std::array<std::string_view, 6> kDevices = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
constexpr std::size_t kMaxBytes = 200;  // of the 255 that file systems allow; the pattern may add to it

/// Names of devices, with any ending, in any case: Windows opens the device.
bool is_device_name(std::string_view name) {
  std::string base(name.substr(0, name.find('.')));
  base.erase(base.find_last_not_of(' ') + 1);
  for (char& c : base) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (std::ranges::find(kDevices, base) != kDevices.end()) return true;
  if (!base.starts_with("COM") && !base.starts_with("LPT")) return false;
  const std::string_view number = std::string_view(base).substr(3);
  return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') || number == "\u00B9" ||
         number == "\u00B2" || number == "\u00B3";
}

/// What file systems that know no case, and no difference between composed and decomposed characters, make of
/// a name.
std::string folded_name(const std::string& name) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(name);
  std::string folded;
  nfc->normalize(nfc->normalize(text, status).foldCase(), status).toUTF8String(folded);
  return folded;
}

}  // namespace

// The strictest of all file systems decides, so that sorted photos can be copied to any disk.
std::string path_component(std::string_view label) {
  std::string name;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto byte = static_cast<unsigned char>(label[i]);
    // U+0080 to U+009F, which UTF-8 writes as C2 80 to C2 9F.
    const bool is_c1_control =
        byte == 0xC2 && i + 1 < label.size() && static_cast<unsigned char>(label[i + 1]) < 0xA0;
    if (is_c1_control) ++i;
    const bool is_replaced = byte < 0x20 || byte == 0x7F || is_c1_control ||
                             kRefusedElsewhere.find(label[i]) != std::string_view::npos;
    name += is_replaced ? '_' : label[i];
  }
  cut_between_characters(name, kMaxBytes);
  name.erase(name.find_last_not_of(" .") + 1);
  name.erase(0, name.find_first_not_of(' '));
  // Neither hidden, nor "." or "..".
  if (name.starts_with('.')) name.front() = '_';
  if (is_device_name(name)) {
    name.insert(std::min(name.find('.'), name.size()), 1, '_');
    cut_between_characters(name, kMaxBytes);
    name.erase(name.find_last_not_of(" .") + 1);
  }
  return name.empty() ? "_" : name;
}

void require_distinct_folders(std::span<const std::string_view> labels) {
  std::map<std::string, std::string_view> label_of_folder;
  for (const std::string_view label : labels) {
    const std::string name = path_component(label);
    const auto [known, is_new] = label_of_folder.emplace(folded_name(name), label);
    if (is_new || known->second == label) continue;
    const std::string other = path_component(known->second);
    const std::string shared =
        other == name ? "the folder " + name
                      : fmt::format("a folder where capitals and accents do not tell names apart: {} and {}",
                                    other, name);
    throw Error(ErrorKind::kLabels,
                fmt::format("the labels \"{}\" and \"{}\" would share {}; rename one of them", known->second,
                            label, shared));
  }
}

LabelFolder::LabelFolder(std::string pattern) : pattern_(std::move(pattern)) {
  const std::size_t first = pattern_.find(kPlaceholder);
  if (first == std::string::npos) {
    throw Error(ErrorKind::kInvalidArgument,
                "`pattern` " + pattern_ + ": has no {label}; write for example sorted/{label}");
  }
  for (std::size_t i = pattern_.find('{'); i != std::string::npos; i = pattern_.find('{', i + 1)) {
    if (pattern_.compare(i, kPlaceholder.size(), kPlaceholder) != 0) {
      throw Error(ErrorKind::kInvalidArgument, "`pattern` " + pattern_ +
                                                   ": only {label} is filled in, and there is " +
                                                   pattern_.substr(i, pattern_.find('}', i) - i + 1));
    }
  }
  // The folder that all labels have in common. The "x" stands for the label, so that "sorted/a-{label}" has
  // the root "sorted".
  root_ = std::filesystem::path(pattern_.substr(0, first) + "x").parent_path();
  if (root_.empty()) root_ = ".";
}

std::filesystem::path LabelFolder::of(std::string_view label) const {
  const std::string component = path_component(label);
  std::string path = pattern_;
  // Behind what was filled in, as a label may hold "{label}" itself.
  for (std::size_t i = path.find(kPlaceholder); i != std::string::npos;
       i = path.find(kPlaceholder, i + component.size())) {
    path.replace(i, kPlaceholder.size(), component);
  }
  return path;
}

}  // namespace clipcls
