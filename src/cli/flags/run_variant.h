#pragma once

#include <optional>
#include <string>

#include "model/precision.h"

namespace clipcls {

/// What differs from the flags in one run of `clipcls eval --compare`.
struct RunVariant {
  std::string name;
  std::optional<std::string> labels;
  std::optional<std::string> templates_file;
  std::optional<std::string> text_template;
  std::optional<std::string> model;
  std::optional<Precision> precision;
};

/// "NAME:key=value,…" with the keys labels, templates, template, model and precision. A comma parts two of
/// them only where a key follows it. Throws Error (kUsage).
RunVariant parse_run_variant(const std::string& text);

}  // namespace clipcls
