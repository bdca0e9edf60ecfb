#include "cli/commands/labels_check.h"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/flags/label_requests.h"
#include "cli/flags/require_model.h"
#include "cli/results/output_file.h"
#include "clipcls/report/display_text.h"
#include "clipcls/zero_shot/label_problems.h"
#include "model/load_model.h"
#include "model/load_tokenizer.h"

namespace clipcls {
namespace {

/// One line for people.
std::string describe(const LabelProblem& problem, const LabelSet& label_set, std::size_t context_length) {
  const auto quoted = [&](std::size_t label) { return "\"" + label_set.labels[label].name + "\""; };
  const std::string label = "label " + std::to_string(problem.label + 1) + " " + quoted(problem.label);
  const std::string other = "label " + std::to_string(problem.other + 1) + " " + quoted(problem.other);
  switch (problem.kind) {
    case LabelProblemKind::kDuplicate:
      return label + " is " + other + " again";
    case LabelProblemKind::kSameTokens:
      return label + " has the same tokens as " + other + ": the model cannot tell them apart";
    case LabelProblemKind::kSimilar: {
      std::array<char, 32> cosine{};
      std::snprintf(cosine.data(), cosine.size(), "%.4f", problem.similarity);
      return label + " is nearly " + other + " to the model: the cosine of their embeddings is " +
             cosine.data();
    }
    case LabelProblemKind::kTruncated:
      return label + ": its prompt \"" + problem.prompt + "\" has " + std::to_string(problem.num_tokens) +
             " tokens, and the model takes " + std::to_string(context_length) + ": its end is cut";
  }
  return "";
}

nlohmann::ordered_json to_json(const LabelProblem& problem, const LabelSet& label_set,
                               std::size_t context_length) {
  nlohmann::ordered_json fields = {{"problem", label_problem_name(problem.kind)},
                                   {"label", label_set.labels[problem.label].name},
                                   {"label_number", problem.label + 1}};
  if (problem.kind == LabelProblemKind::kTruncated) {
    fields["prompt"] = problem.prompt;
    fields["num_tokens"] = problem.num_tokens;
    fields["context_length"] = context_length;
    return fields;
  }
  fields["other_label"] = label_set.labels[problem.other].name;
  fields["other_label_number"] = problem.other + 1;
  if (problem.kind == LabelProblemKind::kSimilar) fields["similarity"] = problem.similarity;
  return fields;
}

}  // namespace

int check_labels(const CheckLabelsOptions& options) {
  const LabelRequest request = make_label_request_as_given(options);
  const LabelSet& label_set = *request.labels;
  const std::filesystem::path path = require_model(options.model);
  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  const Matrix embeddings = embed_labels(*model, request, make_label_embedding(options, path, *model));
  const Tokenizer tokenizer = load_tokenizer(path, model->config().text);
  const PromptRows rows = fill_prompts(request, model->config());
  const std::size_t context_length = model->config().text.context_length;
  const std::vector<LabelProblem> problems =
      find_label_problems(label_set, rows, embeddings, tokenizer, context_length, options.max_similarity);

  OutputFile output;
  if (options.format == DocumentFormat::kJson) {
    nlohmann::ordered_json document = {{"labels", options.labels},
                                       {"num_labels", label_set.labels.size()},
                                       {"model", model->config().name},
                                       {"problems", nlohmann::ordered_json::array()}};
    for (const LabelProblem& problem : problems)
      document["problems"].push_back(to_json(problem, label_set, context_length));
    output.stream() << document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    for (const LabelProblem& problem : problems)
      output.stream() << printable(describe(problem, label_set, context_length)) << '\n';
    output.stream() << label_set.labels.size() << " labels, "
                    << (problems.empty() ? "no" : std::to_string(problems.size())) << " problem"
                    << (problems.size() == 1 ? "" : "s") << " for model " << model->config().name << '\n';
  }
  output.check();
  return problems.empty() ? 0 : 1;
}

}  // namespace clipcls
