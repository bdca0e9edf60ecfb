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

/// Labels, and what their scores are.
struct LabelOptions : ImageOptions {
  std::string labels;                   ///< a file or a built-in list; empty: none
  std::vector<std::string> label;       ///< labels given one by one, after those of `labels`
  std::vector<std::string> templates;   ///< prompt templates; empty: the model's own
  std::string templates_file;           ///< a file or a built-in set
  std::optional<ScoreKind> score_kind;  ///< none: the model's activation
  std::vector<std::string> none;        ///< background prompts; empty: "none of these" is no answer
  std::vector<std::string> negatives;   ///< negative prompts of kMultiLabel; empty: the default
  std::optional<double> threshold;      ///< predictions with a lower score are left out
  std::string calibration;              ///< a file that `clipcls calibrate` wrote; empty: none
  CacheOptions cache;
};

/// `clipcls [OPTIONS] IMAGE...`
struct ClassifyOptions : LabelOptions {
  std::string image_features;  ///< a folder that `clipcls embed` wrote, in place of images; empty: none
  std::string output;          ///< empty: standard output
  ReportFormat format = ReportFormat::kText;
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

/// --help or --version: the text to print.
struct HelpText {
  std::string text;
};

using Command =
    std::variant<ClassifyOptions, EmbedOptions, TokenizeOptions, ModelCommand, CacheCommand, HelpText>;

/// Parses and validates. Throws Error (kUsage) that names the flag, its value and what would be right.
Command parse_options(int argc, const char* const* argv);

}  // namespace clipcls
