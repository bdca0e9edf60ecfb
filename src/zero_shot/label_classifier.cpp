// From labels to a classifier: prompts are made in rows (labels, background, negatives) with the rule that
// scores them, and each row becomes one embedding: kept in the cache, given with the labels, or computed.
#include "zero_shot/label_classifier.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "clipcls/error.h"
#include "zero_shot/labels.h"
#include "zero_shot/memory_limit.h"

namespace clipcls {
namespace {

// Rough: no prompt is the opposite of every label. What is calibrated takes its place.
constexpr const char* kDefaultNegative = "something else";

// 80 templates that one label is too long for are worth one message, not 80.
constexpr std::size_t kMaxWarnings = 5;

/// What a row of prompts describes, for messages.
enum class PromptOf { kLabel, kNegative, kBackground };
struct Subject {
  PromptOf kind = PromptOf::kLabel;
  std::size_t label = 0;
};

/// Prompts, the class embeddings that they become, and what belongs to which answer.
struct Rows {
  std::vector<std::vector<std::string>> prompts;  ///< [num_rows]
  std::vector<Subject> subjects;                  ///< [num_rows]
  ScoreRule rule;
};

std::string describe(const Subject& subject, const LabelSet& labels) {
  if (subject.kind == PromptOf::kBackground) return "none";
  const std::string label = "label \"" + labels.labels[subject.label].name + "\"";
  return subject.kind == PromptOf::kNegative ? "the negative of " + label : label;
}

void warn_of_truncated_prompts(const ZeroShotWeights& weights, const Rows& rows, const LabelSet& labels,
                               std::size_t context_length, const OnMessage& on_warning) {
  const std::vector<TruncatedPrompt>& cut = weights.truncated_prompts;
  for (const TruncatedPrompt& prompt : std::span(cut).first(std::min(cut.size(), kMaxWarnings))) {
    on_warning("the prompt of " + describe(rows.subjects[prompt.label_index], labels) + " has " +
               std::to_string(prompt.num_tokens) + " tokens, and the model takes " +
               std::to_string(context_length) + ": its end was cut");
  }
  if (cut.size() > kMaxWarnings)
    on_warning(std::to_string(cut.size() - kMaxWarnings) +
               " more prompts were truncated; clipcls labels check lists them");
}

void warn_of_repeated(const std::string& noun, const RepeatedLabels& repeated, const OnMessage& on_warning) {
  if (repeated.count == 0) return;
  const std::string first = noun + " \"" + repeated.first + "\"";
  on_warning(repeated.count == 1 ? first + " is given twice, and counts once"
                                 : std::to_string(repeated.count) + " " + noun +
                                       "s are given again, and count once; the first is " + first);
}

/// Each label's calibrated threshold, else its negative prompt; adds the rows of the latter.
void add_references(Rows& rows, const LabelRequest& request) {
  const std::vector<std::string> negatives =
      request.negatives.empty() ? std::vector<std::string>{kDefaultNegative} : request.negatives;
  // Negative prompts without {} are the same for all labels: one row of embeddings serves them all.
  const bool is_shared =
      std::ranges::all_of(negatives, [](const std::string& text) { return fill_prompt(text, "x") == text; });
  std::optional<std::size_t> shared_row;
  for (std::size_t i = 0; i < request.labels->labels.size(); ++i) {
    const Label& label = request.labels->labels[i];
    // The order of preference: a threshold fitted on pictures, the label's own negatives, those of the
    // request.
    if (request.calibration && request.calibration->thresholds[i]) {
      rows.rule.references.push_back({std::nullopt, *request.calibration->thresholds[i]});
      continue;
    }
    const bool has_own = !label.negative_prompts.empty();
    if (has_own || !is_shared || !shared_row) {
      std::vector<std::string> prompts;
      for (const std::string& text : has_own ? label.negative_prompts : negatives)
        prompts.push_back(fill_prompt(text, label.name));
      rows.prompts.push_back(std::move(prompts));
      rows.subjects.push_back({PromptOf::kNegative, i});
      if (!has_own && is_shared) shared_row = rows.prompts.size() - 1;
    }
    const bool takes_shared = !has_own && is_shared;
    rows.rule.references.push_back({takes_shared ? *shared_row : rows.prompts.size() - 1, 0});
  }
}

/// Divides logits by the fitted temperature.
void apply_calibration(ScoreRule& rule, const LabelRequest& request) {
  if (rule.kind != ScoreKind::kSoftmax && rule.kind != ScoreKind::kSigmoid) return;
  const Calibration& calibration = *request.calibration;
  if (calibration.kind != rule.kind) {
    throw Error(ErrorKind::kInvalidArgument, request.calibration_name + ": was fitted for the score " +
                                                 score_kind_name(calibration.kind) + ", and this one is " +
                                                 score_kind_name(rule.kind));
  }
  // A temperature divides the whole logit, so the bias as well.
  rule.logit_scale /= calibration.temperature;
  rule.logit_bias /= calibration.temperature;
}

void add_background(Rows& rows, const LabelRequest& request, const OnMessage& on_warning) {
  // As a label set, so that repeated background prompts are dropped by the rule for labels.
  LabelSet none;
  for (const std::string& prompt : request.none)
    none.labels.push_back({clean_label(prompt, "none"), {}, {}, {}, {}});
  warn_of_repeated("background prompt", drop_repeated_labels(none), on_warning);
  for (const Label& prompt : none.labels) {
    rows.prompts.push_back({prompt.name});
    rows.subjects.push_back({PromptOf::kBackground, 0});
    // All background prompts are one answer, the one behind the last label.
    rows.rule.answer_of_row.push_back(request.labels->labels.size());
  }
}

/// All rows that are asked for, and the rule that makes scores of them.
Rows make_rows(const LabelRequest& request, const ClipModel& model, const OnMessage& on_warning) {
  const ModelConfig& config = model.config();
  Rows rows;
  // The model's own numbers first, which a calibration and trained labels then change.
  PromptRows filled = fill_prompts(request, config);
  ScoreRule& rule = rows.rule;
  rule.kind = request.score_kind.value_or(score_kind_of(config));
  rule.logit_scale = config.logit_scale;
  rule.logit_bias = config.logit_bias.value_or(0.0);
  rule.threshold = request.threshold;
  // Before anything is embedded, as a calibration that does not fit ends the run.
  if (request.calibration) {
    require_calibration_of(*request.calibration, request.calibration_name, model, *request.labels, filled);
    apply_calibration(rule, request);
  }
  // The biases of trained labels are on the scale of the model's logits, and follow it when a temperature
  // changes it.
  if (const auto& weights = request.labels->weights) {
    rule.row_norms = weights->norms;
    for (const double bias : weights->biases)
      rule.row_biases.push_back(bias * rule.logit_scale / config.logit_scale);
  }
  // The order of the rows: labels, then the background, then negative prompts. Rows behind those of
  // answer_of_row belong to no answer.
  rows.prompts = std::move(filled.prompts);
  for (const std::size_t label : filled.label_of_row) rows.subjects.push_back({PromptOf::kLabel, label});
  rule.answer_of_row = std::move(filled.label_of_row);
  add_background(rows, request, on_warning);
  // A sigmoid model scores each label on its own as it is; a calibrated threshold is better still.
  if (rule.kind == ScoreKind::kMultiLabel &&
      (config.activation != Activation::kSigmoid || request.calibration || !request.negatives.empty()))
    add_references(rows, request);
  return rows;
}

/// The rows of labels that were made from pictures.
const Matrix& given_embeddings(const LabelRequest& request, const ClipModel& model) {
  const LabelWeights& weights = *request.labels->weights;
  if (weights.image_fingerprint == model.image_fingerprint() &&
      weights.text_fingerprint == model.text_fingerprint() &&
      weights.class_embeddings.cols == model.config().embed_dim)
    return weights.class_embeddings;
  throw Error(ErrorKind::kLabels, request.labels_name + ": its labels were made by model " + weights.model +
                                      ", and this is another: " + model.config().name +
                                      "; use that model, or make the labels again");
}

/// "about 12 minutes"
std::string about(double seconds) {
  const bool is_in_hours = seconds >= 2 * 3600;
  const long long count = std::llround(seconds / (is_in_hours ? 3600 : 60));
  return "about " + std::to_string(count) + (is_in_hours ? " hours" : count == 1 ? " minute" : " minutes");
}

/// Whoever waits that long wants to know it.
std::function<void(double)> tell_of_wait(const std::vector<std::vector<std::string>>& prompts,
                                         const LabelEmbedding& embedding, bool are_kept) {
  constexpr double kMinSeconds = 60;
  return [&prompts, &embedding, are_kept](double seconds) {
    if (seconds < kMinSeconds) return;
    std::size_t num_prompts = 0;
    for (const std::vector<std::string>& of_row : prompts) num_prompts += of_row.size();
    embedding.on_wait("the " + std::to_string(num_prompts) + " prompts of the labels take " + about(seconds) +
                      (are_kept ? "; later runs have them from the cache" : ""));
  };
}

/// The zero-shot weights of `prompts`, from the cache or computed and stored there. `prompts`: [num_rows]
ZeroShotWeights find_or_build_weights(const std::vector<std::vector<std::string>>& prompts, ClipModel& model,
                                      const LabelEmbedding& embedding) {
  const auto note = [&](const std::string& message) { embedding.on_note("label embeddings: " + message); };
  const std::optional<LabelEmbeddingCache>& cache = embedding.cache;
  // No key: no cache, or a model whose weights cannot be told from others'.
  const std::optional<std::string> key = cache ? label_embedding_key(model, prompts) : std::nullopt;
  if (key) {
    LabelEmbeddingCache::Found found = cache->find(*key, prompts.size(), model.config().embed_dim);
    if (found.weights) {
      note("from the cache in " + cache->folder().string());
      return std::move(*found.weights);
    }
    if (!found.problem.empty()) note("those in the cache cannot be used: " + found.problem);
  }
  // Only here are the tokenizer and the text encoder needed; a hit in the cache loads neither.
  ZeroShotWeights weights =
      build_zero_shot_weights(model, embedding.load_tokenizer(), prompts,
                              {.num_workers = embedding.num_workers,
                               .on_estimate = tell_of_wait(prompts, embedding, key.has_value()),
                               .clock = embedding.clock});
  if (!key) {
    note("computed, not cached");
    return weights;
  }
  // A cache that fails makes a run slower, and is no more than a note.
  const std::string problem = cache->store(*key, weights);
  note(problem.empty() ? "computed and cached in " + cache->folder().string()
                       : "computed, not cached: " + problem);
  return weights;
}

}  // namespace

void drop_repeated(LabelSet& labels, const OnMessage& on_warning) {
  warn_of_repeated("label", drop_repeated_labels(labels), on_warning);
}

void require_consistent(const LabelRequest& request) {
  const AnswerNames answers = request.answers();
  // Two answers of one name could not be told apart.
  for (std::size_t i = 0; !request.none.empty() && i < answers.num_labels(); ++i) {
    if (answers[i] == answers[answers.num_labels()])
      throw Error(ErrorKind::kLabels,
                  "label \"" + answers[i] + "\" is named like the answer of `none`; rename it");
  }
  if (!request.labels->weights) return;
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorKind::kInvalidArgument,
                request.labels_name + ": its labels were made from pictures, and " + problem);
  };
  if (!request.none.empty()) fail("no background prompt can be weighed against them; use a threshold");
  if (request.score_kind == ScoreKind::kMultiLabel && !request.calibration)
    fail("no negative prompt can be weighed against them; use a calibration");
  if (!request.templates.empty()) fail("take no templates");
}

ScoreKind score_kind_of(const ModelConfig& config) {
  return config.activation == Activation::kSigmoid ? ScoreKind::kSigmoid : ScoreKind::kSoftmax;
}

PromptRows fill_prompts(const LabelRequest& request, const ModelConfig& config) {
  if (!request.templates.empty()) return fill_prompts(*request.labels, request.templates);
  if (!request.labels->templates.empty()) return fill_prompts(*request.labels, request.labels->templates);
  return fill_prompts(*request.labels, {config.prompt_templates.begin(), config.prompt_templates.end()});
}

Matrix embed_labels(ClipModel& model, const LabelRequest& request, const LabelEmbedding& embedding) {
  if (request.labels->weights) return given_embeddings(request, model);
  return find_or_build_weights(fill_prompts(request, model.config()).prompts, model, embedding)
      .class_embeddings;
}

ZeroShotClassifier make_classifier(ClipModel& model, const LabelRequest& request,
                                   const LabelEmbedding& embedding) {
  require_consistent(request);
  const std::size_t num_labels = request.labels->labels.size();
  // Before the rows are made, since those take memory for each label already.
  require_memory_for_labels(num_labels, model.config().embed_dim);
  // First what is to be embedded, then the embeddings, by weights that are given, from the cache, or
  // computed.
  Rows rows = make_rows(request, model, embedding.on_warning);
  const std::size_t num_prompts =
      std::ranges::max_element(rows.prompts, {}, &std::vector<std::string>::size)->size();
  embedding.on_note(std::to_string(num_labels) + (num_labels == 1 ? " label x " : " labels x ") +
                    std::to_string(num_prompts) + (num_prompts == 1 ? " template" : " templates"));
  // A warning and no error: the ranking is right, and the cosine beside it says something.
  if (request.answers().size() == 1 && rows.rule.kind == ScoreKind::kSoftmax) {
    embedding.on_warning(
        "one label alone has a softmax score of 100% on any picture; add labels or a background prompt, or "
        "choose multi-label or cosine scores");
  }
  if (request.labels->weights) {
    const Matrix& given = given_embeddings(request, model);
    // More rows than labels: negative prompts were added for those that have no threshold, and there is no
    // text embedding that is comparable with a picture's.
    if (rows.prompts.size() > given.rows) {
      throw Error(ErrorKind::kInvalidArgument,
                  request.calibration_name +
                      ": has no threshold for some labels, and no negative prompt can be "
                      "weighed against labels that were made from pictures");
    }
    return {given, std::move(rows.rule)};
  }
  const ZeroShotWeights weights = find_or_build_weights(rows.prompts, model, embedding);
  warn_of_truncated_prompts(weights, rows, *request.labels, model.config().text.context_length,
                            embedding.on_warning);
  return {weights.class_embeddings, std::move(rows.rule)};
}

}  // namespace clipcls
