#include "embed_labels.h"

#include <optional>
#include <utility>

#include "cache.h"
#include "clipcls/zero_shot/labels.h"
#include "clipcls/zero_shot/zero_shot_weights.h"
#include "find_model.h"
#include "message.h"

namespace clipcls {
namespace {

void warn_of_truncated_prompts(const ZeroShotWeights& weights, const std::vector<std::string>& labels,
                               std::size_t context_length) {
  for (const TruncatedPrompt& prompt : weights.truncated_prompts) {
    print_warning("the prompt of label \"" + labels[prompt.label_index] + "\" has " +
                  std::to_string(prompt.num_tokens) + " tokens, and the model takes " +
                  std::to_string(context_length) + ": its end was cut");
  }
}

/// From the cache, else computed and kept there. A cache that fails is worth a line with --verbose, no more.
ZeroShotWeights find_or_build_weights(const LabelSet& label_set, const std::filesystem::path& path,
                                      ClipModel& model, const ClassifyOptions& options) {
  const auto say = [&](const std::string& message) {
    if (options.is_verbose) print_message("label embeddings: " + message);
  };
  const std::optional<LabelEmbeddingCache> cache = find_cache(options.cache);
  const std::optional<std::string> key =
      cache ? label_embedding_key(model, label_set.labels, label_set.templates) : std::nullopt;
  if (key) {
    LabelEmbeddingCache::Found found = cache->find(*key, label_set.labels.size(), model.config().embed_dim);
    if (found.weights) {
      say("from the cache in " + cache->folder().string());
      return std::move(*found.weights);
    }
    if (!found.problem.empty()) say("kept ones cannot be used: " + found.problem);
  }

  const Tokenizer tokenizer = load_tokenizer(path, model.config().text);
  ZeroShotWeights weights = build_zero_shot_weights(model, tokenizer, label_set.labels, label_set.templates,
                                                    {.num_workers = options.batch.num_workers});
  if (!key) {
    say("computed, not kept");
    return weights;
  }
  const std::string problem = cache->store(*key, weights);
  say(problem.empty() ? "computed, and kept in " + cache->folder().string()
                      : "computed, not kept: " + problem);
  return weights;
}

}  // namespace

LabelSet collect_labels(const ClassifyOptions& options) {
  LabelSet label_set;
  if (!options.labels.empty()) label_set.labels = find_labels(options.labels);
  for (const std::string& label : options.label) {
    require_label(label, "--label");
    label_set.labels.push_back(label);
  }
  if (!options.templates_file.empty()) label_set.templates = read_prompt_templates(options.templates_file);
  for (const std::string& text : options.templates) label_set.templates.emplace_back(text);
  return label_set;
}

ScoreKind score_kind(const ClassifyOptions& options, const ModelConfig& config) {
  const bool is_sigmoid = config.activation == Activation::kSigmoid;
  return options.score_kind.value_or(is_sigmoid ? ScoreKind::kSigmoid : ScoreKind::kSoftmax);
}

Classifier embed_labels(const LabelSet& label_set, const std::filesystem::path& path, ClipModel& model,
                        const ClassifyOptions& options) {
  const ModelConfig& config = model.config();
  LabelSet filled = label_set;
  if (filled.templates.empty())
    filled.templates = {config.prompt_templates.begin(), config.prompt_templates.end()};
  if (options.is_verbose) {
    print_message("model " + config.name + " (" + path.string() + "), " +
                  std::to_string(filled.labels.size()) + " labels x " +
                  std::to_string(filled.templates.size()) + " templates");
    print_message(describe_precision(model));
  }
  ZeroShotWeights weights = find_or_build_weights(filled, path, model, options);
  if (!options.is_quiet) warn_of_truncated_prompts(weights, filled.labels, config.text.context_length);
  return {weights.class_embeddings, config.logit_scale, config.logit_bias.value_or(0.0),
          score_kind(options, config)};
}

}  // namespace clipcls
