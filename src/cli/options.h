#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cache_options.h"
#include "clipcls/zero_shot/classifier.h"
#include "image_options.h"
#include "model_options.h"
#include "photo_options.h"
#include "result_options.h"

namespace clipcls {

/// `clipcls [OPTIONS] IMAGE...`
struct ClassifyOptions : ImageOptions, ResultOptions {
  std::string image_features;      ///< a folder that `clipcls embed` wrote, in place of images; empty: none
  std::string labels;              ///< a file or a built-in list; empty: none
  std::vector<std::string> label;  ///< labels given one by one, after those of `labels`
  std::vector<std::string> templates;  ///< prompt templates; empty: the model's own
  std::string templates_file;
  std::optional<ScoreKind> score_kind;  ///< none: the model's activation
  CacheOptions cache;
  PhotoOptions photos;
};

/// `clipcls embed IMAGE... --output DIR`
struct EmbedOptions : ImageOptions {
  std::string output;  ///< the folder to make
};

/// `clipcls tokenize TEXT...`
struct TokenizeOptions {
  std::vector<std::string> texts;  ///< "-" is the lines of standard input
  std::string model;               ///< whose merges are used; empty: CLIP's own vocabulary
};

/// --help, --version, `clipcls completion SHELL` or `clipcls man`: the text to print.
struct HelpText {
  std::string text;
};

using Command = std::variant<ClassifyOptions, EmbedOptions, TokenizeOptions, ModelCommand, CacheCommand,
                             UndoOptions, HelpText>;

/// Parses and validates. Throws Error (kUsage) that names the flag, its value and what would be right.
Command parse_options(int argc, const char* const* argv);

}  // namespace clipcls
