#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/flags/cache_options.h"
#include "cli/flags/image_options.h"
#include "cli/flags/model_options.h"
#include "cli/flags/photo_options.h"
#include "cli/flags/result_options.h"
#include "clipcls/model/precision.h"
#include "clipcls/report/evaluation_report.h"
#include "clipcls/zero_shot/classifier.h"
#include "evaluation/few_shot_labels.h"

namespace clipcls {

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
struct ClassifyOptions : LabelOptions, ResultOptions {
  std::string image_features;  ///< a folder that `clipcls embed` wrote, in place of images; empty: none
  PhotoOptions photos;
  bool shows_timings = false;  ///< where the time of the run went
  std::vector<std::pair<std::string, std::string>>
      flags;  ///< every flag by its long name, its value in words
};

/// What differs from the flags in one run of `clipcls eval --compare`.
struct RunVariant {
  std::string name;
  std::optional<std::string> labels;
  std::optional<std::string> templates_file;
  std::optional<std::string> text_template;
  std::optional<std::string> model;
  std::optional<Precision> precision;
};

/// `clipcls eval DIR`
struct EvalOptions : LabelOptions {
  std::string source;          ///< DIR/<label>/… or a CSV file of path,label
  std::string image_features;  ///< a folder that `clipcls embed` wrote, in place of encoding; empty: none
  std::vector<RunVariant> variants;
  std::size_t num_examples = 0;  ///< images of each class that teach; 0: none
  FewShotMethod few_shot_method = FewShotMethod::kMean;
  double blend = 0.5;            ///< weight of the examples beside the prompts, 0 to 1
  double inverse_penalty = 100;  ///< of the probe: see fit_linear_probe()
  std::uint64_t seed = 0;        ///< of the examples' choice and of the bootstrap
  bool saves_labels = false;     ///< those of few shots
  std::string save_labels;       ///< where to; empty: standard output
  std::size_t num_worst = 10;    ///< mistakes that are listed
  EvaluationFormat format = EvaluationFormat::kText;
  std::string output;       ///< empty: standard output
  bool overwrites = false;  ///< `output` and `save_labels`, whatever they hold
};

/// `clipcls calibrate DIR --output FILE`
struct CalibrateOptions : LabelOptions {
  std::string source;
  std::string image_features;
  DocumentFormat format = DocumentFormat::kText;
  std::string output;       ///< the calibration file; empty: standard output
  bool overwrites = false;  ///< `output`, whatever it holds
};

/// `clipcls labels check FILE`
struct CheckLabelsOptions : LabelOptions {
  double max_similarity = 0.98;  ///< of the embeddings of two labels
  DocumentFormat format = DocumentFormat::kText;
};

/// The commands that judge labels, prompts and scores.
using EvalCommand = std::variant<EvalOptions, CalibrateOptions, CheckLabelsOptions>;

/// `clipcls serve`
struct ServeOptions : LabelOptions {
  std::vector<std::string> label_sets;  ///< "[NAME=]FILE|NAME", in place of `labels`
  std::string host = "127.0.0.1";
  int port = 8080;  ///< 0: one that is free
  std::uint64_t max_body_megabytes = 16;
  std::size_t max_waiting = 128;
  std::size_t max_connections = 512;
  std::size_t max_request_labels = 1000;
  int timeout_seconds = 30;
  int window_milliseconds = 5;
};

/// `clipcls embed IMAGE... --output DIR`
struct EmbedOptions : ImageOptions {
  std::string output;       ///< the folder to make
  bool overwrites = false;  ///< `output`, a folder of image features
};

/// `clipcls tokenize TEXT...`
struct TokenizeOptions {
  std::vector<std::string> texts;  ///< "-" is the lines of standard input
  std::string model;               ///< whose merges and context length are used; empty: CLIP's
  bool is_whole = false;           ///< ids beyond the context length are printed, too
};

/// --help or --version: the text to print.
struct HelpText {
  std::string text;
};

using Command = std::variant<ClassifyOptions, ServeOptions, EmbedOptions, TokenizeOptions, EvalCommand,
                             ModelCommand, CacheCommand, UndoOptions, HelpText>;

/// Parses and validates. Throws Error (kUsage) that names the flag, its value and what would be right.
Command parse_options(int argc, const char* const* argv);

}  // namespace clipcls
