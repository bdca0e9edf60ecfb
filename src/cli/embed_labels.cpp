#include "cli/embed_labels.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>

#include "cli/find_model.h"
#include "cli/flags/cache_flags.h"
#include "cli/flags/input_text.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"
#include "clipcls/zero_shot/zero_shot_weights.h"

namespace clipcls {
namespace {

constexpr const char* kNone = "(none)";
// Rough: no prompt is the opposite of every label. What calibrate fits takes its place.
constexpr const char* kDefaultNegative = "something else";

// 80 templates that one label is too long for are one thing to say, not 80.
constexpr std::size_t kMaxWarnings = 5;

/// Prompts, the class embeddings that they become, and what belongs to which answer.
struct Rows {
  std::vector<std::vector<std::string>> prompts;  ///< [num_rows]
  std::vector<std::string> names;                 ///< [num_rows], for messages
  ScoreRule rule;
};

void warn_of_truncated_prompts(const ZeroShotWeights& weights, const std::vector<std::string>& names,
                               std::size_t context_length) {
  const std::vector<TruncatedPrompt>& cut = weights.truncated_prompts;
  for (const TruncatedPrompt& prompt : std::span(cut).first(std::min(cut.size(), kMaxWarnings))) {
    print_warning("the prompt of " + names[prompt.label_index] + " has " + std::to_string(prompt.num_tokens) +
                  " tokens, and the model takes " + std::to_string(context_length) + ": its end was cut");
  }
  if (cut.size() > kMaxWarnings) {
    print_warning("so it is with " + std::to_string(cut.size() - kMaxWarnings) +
                  " prompts more; clipcls labels check lists them");
  }
}

void warn_of_repeated(const std::string& noun, const RepeatedLabels& repeated) {
  const std::string first = noun + " \"" + repeated.first + "\"";
  print_warning(repeated.count == 1 ? first + " is given twice, and counts once"
                                    : std::to_string(repeated.count) + " " + noun +
                                          "s are given again, and count once; the first is " + first);
}

std::vector<std::string> names_of_answers(const LabelSet& label_set, const LabelOptions& options) {
  std::vector<std::string> names;
  std::ranges::transform(label_set.labels, std::back_inserter(names), &Label::name);
  if (!options.none.empty()) names.emplace_back(kNone);
  return names;
}

void refuse_text_prompts(const LabelOptions& options, const RankedLabels& labels) {
  if (!labels.label_set.weights) return;
  const std::string place = options.labels + ": its labels were made from pictures, and ";
  if (!options.label.empty()) throw Error(ErrorKind::kUsage, place + "--label adds one that is not");
  if (!options.none.empty()) {
    throw Error(ErrorKind::kUsage,
                place + "no prompt of --none can be weighed against them; use --threshold");
  }
  if (options.score_kind == ScoreKind::kMultiLabel && !labels.calibration) {
    throw Error(ErrorKind::kUsage,
                place + "no negative prompt can be weighed against them; give --calibration");
  }
  if (!options.templates.empty() || !options.templates_file.empty())
    throw Error(ErrorKind::kUsage, place + "take no templates");
}

/// Each label's calibrated threshold, else its negative prompt; adds the rows of the latter.
void add_references(Rows& rows, const RankedLabels& labels, const LabelOptions& options) {
  const std::vector<std::string> negatives =
      options.negatives.empty() ? std::vector<std::string>{kDefaultNegative} : options.negatives;
  const bool is_shared =
      std::ranges::all_of(negatives, [](const std::string& text) { return fill_prompt(text, "x") == text; });
  std::optional<std::size_t> shared_row;
  for (std::size_t i = 0; i < labels.label_set.labels.size(); ++i) {
    const Label& label = labels.label_set.labels[i];
    if (labels.calibration && labels.calibration->thresholds[i]) {
      rows.rule.references.push_back({std::nullopt, *labels.calibration->thresholds[i]});
      continue;
    }
    const bool has_own = !label.negative_prompts.empty();
    if (has_own || !is_shared || !shared_row) {
      std::vector<std::string> prompts;
      for (const std::string& text : has_own ? label.negative_prompts : negatives)
        prompts.push_back(fill_prompt(text, label.name));
      rows.prompts.push_back(std::move(prompts));
      rows.names.push_back("the negative of label \"" + label.name + "\"");
      if (!has_own && is_shared) shared_row = rows.prompts.size() - 1;
    }
    const bool takes_shared = !has_own && is_shared;
    rows.rule.references.push_back({takes_shared ? *shared_row : rows.prompts.size() - 1, 0});
  }
}

/// What the machine has, or what `ulimit -v` leaves of it.
std::uint64_t memory_bytes() {
  const auto num_bytes =
      static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return num_bytes;
  return std::min<std::uint64_t>(num_bytes, limit.rlim_cur);
}

/// A list that is too long is refused before hours are spent on it, or another program ended by the system.
void require_memory(std::size_t num_labels, std::size_t embed_dim) {
  constexpr std::uint64_t kBytesOfTexts = 600;  // label, prompt and name for messages
  // Embeddings are held here, by the classifier, and in an entry for the cache while that is put together.
  constexpr std::uint64_t kNumCopies = 4;
  const std::uint64_t needed = num_labels * (kNumCopies * embed_dim * sizeof(float) + kBytesOfTexts);
  const std::uint64_t there = memory_bytes();
  if (needed <= there) return;
  const auto megabytes = [](std::uint64_t num_bytes) {
    return std::to_string(num_bytes / 1'000'000) + " MB";
  };
  throw Error(ErrorKind::kLabels, std::to_string(num_labels) + " labels take " + megabytes(needed) +
                                      " of memory, and there are " + megabytes(there) +
                                      "; give fewer labels");
}

/// All rows that the labels and flags ask for, and the rule that makes scores of them.
Rows make_rows(const RankedLabels& labels, const ClipModel& model, const LabelOptions& options) {
  const ModelConfig& config = model.config();
  Rows rows;
  PromptRows filled = fill_prompts(labels, config);
  ScoreRule& rule = rows.rule;
  rule.kind = score_kind(options.score_kind, config);
  rule.logit_scale = config.logit_scale;
  rule.logit_bias = config.logit_bias.value_or(0.0);
  rule.threshold = options.threshold;
  if (labels.calibration) {
    require_calibration_of(*labels.calibration, options.calibration, model, labels.label_set, filled);
    const bool has_temperature = rule.kind == ScoreKind::kSoftmax || rule.kind == ScoreKind::kSigmoid;
    if (has_temperature && labels.calibration->kind != rule.kind) {
      throw Error(ErrorKind::kUsage, options.calibration + ": was fitted for another --score than this one");
    }
    if (has_temperature) {
      rule.logit_scale /= labels.calibration->temperature;
      rule.logit_bias /= labels.calibration->temperature;
    }
  }
  if (const auto& weights = labels.label_set.weights) {
    rule.row_norms = weights->norms;
    for (const double bias : weights->biases)
      rule.row_biases.push_back(bias * rule.logit_scale / config.logit_scale);
  }
  rows.prompts = std::move(filled.prompts);
  for (const std::size_t label : filled.label_of_row)
    rows.names.push_back("label \"" + labels.label_set.labels[label].name + "\"");
  rule.answer_of_row = std::move(filled.label_of_row);
  LabelSet none;
  for (const std::string& prompt : options.none)
    none.labels.push_back({clean_label(prompt, "--none"), {}, {}, {}, {}});
  const RepeatedLabels repeated = drop_repeated_labels(none);
  if (repeated.count > 0 && !options.is_quiet) warn_of_repeated("--none prompt", repeated);
  for (const Label& prompt : none.labels) {
    rows.prompts.push_back({prompt.name});
    rows.names.emplace_back("--none");
    rule.answer_of_row.push_back(labels.label_set.labels.size());
  }
  // A sigmoid model scores each label on its own as it is; a calibrated threshold is better still.
  if (rule.kind == ScoreKind::kMultiLabel &&
      (config.activation != Activation::kSigmoid || labels.calibration || !options.negatives.empty()))
    add_references(rows, labels, options);
  return rows;
}

/// The rows of labels that were made from pictures.
Matrix given_embeddings(const RankedLabels& labels, const Rows& rows, const ClipModel& model,
                        const LabelOptions& options) {
  const LabelWeights& weights = *labels.label_set.weights;
  require_weights_of(weights, options.labels, model);
  if (rows.prompts.size() > weights.class_embeddings.rows) {
    throw Error(ErrorKind::kUsage, options.calibration +
                                       ": has no threshold for some labels, and no negative prompt can be "
                                       "weighed against labels that were made from pictures");
  }
  return weights.class_embeddings;
}

}  // namespace

RankedLabels collect_labels_as_given(const LabelOptions& options) {
  RankedLabels labels;
  LabelSet& label_set = labels.label_set;
  if (!options.labels.empty()) label_set = find_label_set(options.labels, read_input_list);
  for (const std::string& label : options.label)
    label_set.labels.push_back({clean_label(label, "--label"), {}, {}, {}, {}});
  if (!options.templates_file.empty())
    labels.templates = find_prompt_templates(options.templates_file, read_input_list);
  for (const std::string& text : options.templates) labels.templates.emplace_back(text);
  if (!options.calibration.empty()) labels.calibration = read_calibration(options.calibration);
  refuse_text_prompts(options, labels);
  labels.names = names_of_answers(label_set, options);
  return labels;
}

RankedLabels collect_labels(const LabelOptions& options) {
  RankedLabels labels = collect_labels_as_given(options);
  const RepeatedLabels repeated = drop_repeated_labels(labels.label_set);
  if (repeated.count == 0) return labels;
  if (!options.is_quiet) warn_of_repeated("label", repeated);
  labels.names = names_of_answers(labels.label_set, options);
  return labels;
}

void require_weights_of(const LabelWeights& weights, const std::string& file, const ClipModel& model) {
  if (weights.image_fingerprint == model.image_fingerprint() &&
      weights.text_fingerprint == model.text_fingerprint() &&
      weights.class_embeddings.cols == model.config().embed_dim)
    return;
  throw Error(ErrorKind::kLabels, file + ": its labels were made by model " + weights.model +
                                      ", and this is another: " + model.config().name +
                                      "; give that one by --model, or make the labels again");
}

ScoreKind score_kind(const std::optional<ScoreKind>& given, const ModelConfig& config) {
  const bool is_sigmoid = config.activation == Activation::kSigmoid;
  return given.value_or(is_sigmoid ? ScoreKind::kSigmoid : ScoreKind::kSoftmax);
}

PromptRows fill_prompts(const RankedLabels& labels, const ModelConfig& config) {
  if (!labels.templates.empty()) return fill_prompts(labels.label_set, labels.templates);
  return fill_prompts(labels.label_set, {config.prompt_templates.begin(), config.prompt_templates.end()});
}

ZeroShotWeights find_or_build_weights(const std::vector<std::vector<std::string>>& prompts,
                                      const std::filesystem::path& path, ClipModel& model,
                                      const LabelOptions& options) {
  const auto say = [&](const std::string& message) {
    if (options.is_verbose) print_message("label embeddings: " + message);
  };
  const std::optional<LabelEmbeddingCache> cache = find_cache(options.cache);
  const std::optional<std::string> key = cache ? label_embedding_key(model, prompts) : std::nullopt;
  if (key) {
    LabelEmbeddingCache::Found found = cache->find(*key, prompts.size(), model.config().embed_dim);
    if (found.weights) {
      say("from the cache in " + cache->folder().string());
      return std::move(*found.weights);
    }
    if (!found.problem.empty()) say("kept ones cannot be used: " + found.problem);
  }

  const Tokenizer tokenizer = load_tokenizer(path, model.config().text);
  ZeroShotWeights weights =
      build_zero_shot_weights(model, tokenizer, prompts, {.num_workers = options.batch.num_workers});
  if (!key) {
    say("computed, not kept");
    return weights;
  }
  // A cache that fails is worth a line with --verbose, no more.
  const std::string problem = cache->store(*key, weights);
  say(problem.empty() ? "computed, and kept in " + cache->folder().string()
                      : "computed, not kept: " + problem);
  return weights;
}

Classifier embed_labels(const RankedLabels& labels, const std::filesystem::path& path, ClipModel& model,
                        const LabelOptions& options) {
  const ModelConfig& config = model.config();
  require_memory(labels.label_set.labels.size(), config.embed_dim);
  Rows rows = make_rows(labels, model, options);
  if (options.is_verbose) {
    const std::size_t num_prompts =
        std::ranges::max(rows.prompts, {}, [](const auto& of_row) { return of_row.size(); }).size();
    print_message("model " + config.name + " (" + path.string() + "), " +
                  std::to_string(labels.label_set.labels.size()) + " labels x " +
                  std::to_string(num_prompts) + " templates");
    print_message(describe_precision(model));
  }
  if (!options.is_quiet && labels.names.size() == 1 && rows.rule.kind == ScoreKind::kSoftmax) {
    print_warning(
        "one label alone has a softmax score of 100 % on any picture; offer more labels, or use "
        "--none TEXT, --multi-label or --score cosine");
  }
  if (labels.label_set.weights) return {given_embeddings(labels, rows, model, options), std::move(rows.rule)};
  const ZeroShotWeights weights = find_or_build_weights(rows.prompts, path, model, options);
  if (!options.is_quiet) warn_of_truncated_prompts(weights, rows.names, config.text.context_length);
  return {weights.class_embeddings, std::move(rows.rule)};
}

}  // namespace clipcls
