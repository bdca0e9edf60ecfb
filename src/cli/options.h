#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cache_options.h"
#include "clipcls/model/precision.h"
#include "clipcls/pipeline/batch_pipeline.h"
#include "clipcls/report/report.h"
#include "model_options.h"
#include "photo_options.h"

namespace clipcls {

/// Images and the model that encodes them.
struct ImageOptions {
  std::vector<std::string> images;  ///< files; "-" is one image's bytes on standard input
  std::string files_from;           ///< a list of paths, "-" is standard input; empty: none
  bool is_nul_separated = false;    ///< of files_from
  std::string model;                ///< a folder or .pt; empty: $CLIPCLS_MODEL, else the embedded model
  BatchOptions batch;
  LoadOptions load;
  bool is_quiet = false;
  bool is_verbose = false;
};

/// `clipcls [OPTIONS] IMAGE...`
struct ClassifyOptions : ImageOptions {
  std::string image_features;      ///< a folder that `clipcls embed` wrote, in place of images; empty: none
  std::string labels;              ///< a file or a built-in list; empty: none
  std::vector<std::string> label;  ///< labels given one by one, after those of `labels`
  std::vector<std::string> templates;  ///< prompt templates; empty: the model's own
  std::string templates_file;
  std::string output;  ///< empty: standard output
  ReportFormat format = ReportFormat::kText;
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
