#include "classify.h"

#include <fstream>
#include <iostream>

#include "clipcls/pipeline/image_source.h"
#include "clipcls/zero_shot/labels.h"
#include "clipcls/zero_shot/zero_shot_weights.h"
#include "find_model.h"
#include "message.h"
#include "output_file.h"

namespace clipcls {
namespace {

std::vector<std::string> collect_labels(const ClassifyOptions& options) {
  std::vector<std::string> labels;
  if (!options.labels.empty()) labels = find_labels(options.labels);
  for (const std::string& label : options.label) {
    require_label(label, "--label");
    labels.push_back(label);
  }
  return labels;
}

std::vector<std::string> collect_paths(const ClassifyOptions& options) {
  std::vector<std::string> paths = options.images;
  if (options.files_from.empty()) return paths;
  std::ifstream file;
  const bool is_stdin = options.files_from == kStdinName;
  if (!is_stdin) file.open(options.files_from, std::ios::binary);
  if (!is_stdin && !file)
    throw Error(ErrorKind::kUsage, "--files-from " + options.files_from + ": cannot be read");
  for (std::string& path : read_path_list(is_stdin ? std::cin : file, options.is_nul_separated)) {
    paths.push_back(std::move(path));
  }
  return paths;
}

std::vector<PromptTemplate> given_templates(const ClassifyOptions& options) {
  std::vector<PromptTemplate> templates;
  if (!options.templates_file.empty()) templates = read_prompt_templates(options.templates_file);
  for (const std::string& text : options.templates) templates.emplace_back(text);
  return templates;
}

void warn_of_truncated_prompts(const ZeroShotWeights& weights, const std::vector<std::string>& labels,
                               std::size_t context_length) {
  for (const TruncatedPrompt& prompt : weights.truncated_prompts) {
    print_warning("the prompt of label \"" + labels[prompt.label_index] + "\" has " +
                  std::to_string(prompt.num_tokens) + " tokens, and the model takes " +
                  std::to_string(context_length) + ": its end was cut");
  }
}

ScoreKind trained_score_kind(const ModelConfig& config) {
  return config.activation == Activation::kSigmoid ? ScoreKind::kSigmoid : ScoreKind::kSoftmax;
}

}  // namespace

int classify(const ClassifyOptions& options) {
  // Everything that can be wrong without the model is found before it is loaded.
  const std::vector<std::string> labels = collect_labels(options);
  std::vector<PromptTemplate> templates = given_templates(options);
  const std::vector<std::string> paths = collect_paths(options);
  const std::filesystem::path path = find_model(options.model);
  OutputFile output(options.output);

  const std::unique_ptr<ClipModel> model = load_model(path, options.num_threads);
  const ModelConfig& config = model->config();
  if (templates.empty()) templates = {config.prompt_templates.begin(), config.prompt_templates.end()};
  if (options.is_verbose) {
    print_message("model " + config.name + " (" + path.string() + "), " + std::to_string(labels.size()) +
                  " labels x " + std::to_string(templates.size()) + " templates, " +
                  std::to_string(paths.size()) + " images");
  }

  const Tokenizer tokenizer = load_tokenizer(path, config.text);
  ZeroShotWeights weights = build_zero_shot_weights(*model, tokenizer, labels, templates);
  if (!options.is_quiet) warn_of_truncated_prompts(weights, labels, config.text.context_length);

  const ScoreKind score_kind = options.score_kind.value_or(trained_score_kind(config));
  const Classifier classifier(std::move(weights.class_embeddings), config.logit_scale,
                              config.logit_bias.value_or(0.0), score_kind);
  const std::unique_ptr<ReportWriter> report =
      make_report_writer(options.format, output.stream(), {labels, score_kind, paths.size() > 1});

  std::size_t num_failed = 0;
  run_batch_pipeline(paths, *model, classifier, options.batch, [&](const ImageResult& result) {
    if (result.error) {
      ++num_failed;
      print_message(result.path + ": " + result.error->what());
    }
    report->write(result);
    output.check();
  });
  report->finish();
  output.commit();
  return num_failed == 0 ? 0 : 1;
}

}  // namespace clipcls
