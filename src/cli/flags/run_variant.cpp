#include "cli/flags/run_variant.h"

#include <array>
#include <string_view>

#include "cli/flags/model_flags.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"labels", "templates", "template", "model", "precision"};

/// The key that `text` starts with, '=' behind it; empty: none.
std::string_view leading_key(std::string_view text) {
  for (const std::string_view key : kKeys) {
    if (text.starts_with(key) && text.substr(key.size()).starts_with('=')) return key;
  }
  return {};
}

}  // namespace

RunVariant parse_run_variant(const std::string& text) {
  const auto fail = [&](const std::string& reason) {
    throw Error(ErrorKind::kUsage, "--compare \"" + text + "\": " + reason +
                                       "; write NAME:key=value,… with the keys labels, templates, template, "
                                       "model and precision");
  };
  RunVariant variant;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) fail("has no name");
  variant.name = text.substr(0, colon);
  std::string_view rest = std::string_view(text).substr(colon + 1);
  if (rest.empty()) fail("changes nothing");
  while (!rest.empty()) {
    const std::string_view key = leading_key(rest);
    if (key.empty()) fail(std::string("\"").append(rest.substr(0, rest.find('='))).append("\" is not a key"));
    rest.remove_prefix(key.size() + 1);
    std::size_t end = rest.find(',');
    while (end != std::string_view::npos && leading_key(rest.substr(end + 1)).empty())
      end = rest.find(',', end + 1);
    const std::string value(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (value.empty()) fail("the value of " + std::string(key) + " is empty");
    if (key == "labels") variant.labels = value;
    if (key == "templates") variant.templates_file = value;
    if (key == "template") variant.text_template = value;
    if (key == "model") variant.model = value;
    if (key == "precision") {
      const auto found = precision_words().find(value);
      if (found == precision_words().end())
        fail(std::string("\"").append(value).append("\" is not a precision"));
      variant.precision = found->second;
    }
  }
  return variant;
}

}  // namespace clipcls
