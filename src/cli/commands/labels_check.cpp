#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/flags/document_format.h"
#include "cli/flags/label_requests.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "interface/require_model.h"
#include "json/write_json.h"
#include "model/load_model.h"
#include "model/load_tokenizer.h"
#include "text_output/display_text.h"
#include "text_output/format_number.h"
#include "zero_shot/label_problems.h"
#include "zero_shot/labels.h"
#include "zero_shot/prompt_template.h"

namespace clipcls {
namespace {

struct LabelsCheckFlags {
  LabelFlags labels;  ///< none of --label
  ModelFlags model;
  MessageFlags messages;         ///< --verbose alone
  double max_similarity = 0.98;  ///< of the embeddings of two labels
  DocumentFormat format = DocumentFormat::kText;
  CacheFlags cache;

  void add(CommandDeclaration& command);
};

void LabelsCheckFlags::add(CommandDeclaration& command) {
  command
      .add_option("LABELS", labels.labels,
                  "Label file, '-' being standard input, or a built-in list (clipcls labels list)")
      ->required()
      ->type_name("")
      ->offers(builtin_label_list());
  model.add(command);
  messages.add_verbose(command);
  command.group(kLabelGroup);
  command
      .add_option("-t,--template", labels.prompts.templates, "Prompt template, as in classifying; repeats")
      ->type_name("TEXT");
  command
      .add_option("--templates", labels.prompts.templates_file, "File of prompt templates, as in classifying")
      ->type_name("FILE|NAME")
      ->offers(builtin_template_list());
  command
      .add_number("--max-similarity", max_similarity, -1.0, 1.0,
                  "Report pairs of labels whose embeddings have a cosine above this")
      ->type_name("X");
  command.add_choice("-f,--format", format, kDocumentFormats, "Output format; default: text");
  cache.add(command);
}

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
      return label + " is nearly " + other + " to the model: the cosine of their embeddings is " +
             cosine_digits(problem.similarity);
    }
    case LabelProblemKind::kTruncated:
      return label + ": its prompt \"" + problem.prompt + "\" has " + std::to_string(problem.num_tokens) +
             " tokens, and the model takes " + std::to_string(context_length) + ": its end is cut";
    case LabelProblemKind::kCommas:
      return label + " has commas: if these are several labels, write one a line";
  }
  return "";
}

nlohmann::ordered_json to_json(const LabelProblem& problem, const LabelSet& label_set,
                               std::size_t context_length) {
  nlohmann::ordered_json fields = {{"problem", label_problem_name(problem.kind)},
                                   {"label", label_set.labels[problem.label].name},
                                   {"label_number", problem.label + 1}};
  if (problem.kind == LabelProblemKind::kCommas) return fields;
  if (problem.kind == LabelProblemKind::kTruncated) {
    fields["prompt"] = problem.prompt;
    fields["num_tokens"] = problem.num_tokens;
    fields["context_length"] = context_length;
    return fields;
  }
  fields["other_label"] = label_set.labels[problem.other].name;
  fields["other_label_number"] = problem.other + 1;
  if (problem.kind == LabelProblemKind::kSimilar) fields["similarity"] = result_cosine(problem.similarity);
  return fields;
}

/// Returns the exit code: 0, or 1 when something was found.
int check_labels(const LabelsCheckFlags& flags) {
  const LabelRequest request = make_label_request_as_given(flags.labels);
  const LabelSet& label_set = *request.labels;
  const std::filesystem::path path = require_model(flags.model.model);
  const std::unique_ptr<ClipModel> model = load_model(path, resolve_device(flags.model));
  const Matrix embeddings = embed_labels(
      *model, request, make_label_embedding(flags.cache, flags.model, flags.messages, path, *model));
  const Tokenizer tokenizer = load_tokenizer(path, model->config().text);
  const PromptRows rows = fill_prompts(request, model->config());
  const std::size_t context_length = model->config().text.context_length;
  const std::vector<LabelProblem> problems =
      find_label_problems(label_set, rows, embeddings, tokenizer, context_length, flags.max_similarity);

  OutputFile output;
  if (flags.format == DocumentFormat::kJson) {
    nlohmann::ordered_json document = {{"labels", flags.labels.labels},
                                       {"num_labels", label_set.labels.size()},
                                       {"model", model->config().name},
                                       {"problems", nlohmann::ordered_json::array()}};
    for (const LabelProblem& problem : problems)
      document["problems"].push_back(to_json(problem, label_set, context_length));
    output.stream() << write_json(document) << '\n';
  } else {
    for (const LabelProblem& problem : problems)
      output.stream() << printable(describe(problem, label_set, context_length)) << '\n';
    output.stream() << label_set.labels.size() << (label_set.labels.size() == 1 ? " label, " : " labels, ")
                    << (problems.empty() ? "no" : std::to_string(problems.size())) << " problem"
                    << (problems.size() == 1 ? "" : "s") << " for model " << model->config().name << '\n';
  }
  output.check();
  return problems.empty() ? 0 : 1;
}

}  // namespace

void add_labels_check(Program& program) {
  CommandDeclaration& command = program.add(
      "labels check", "Find duplicates, labels that the model cannot tell apart, and truncated prompts");
  const auto flags = std::make_shared<LabelsCheckFlags>();
  flags->add(command);
  command.examples({{"clipcls labels check my_labels.txt", "before a long run"},
                    {"clipcls labels check pets -m ViT-B/32 -f json", "by another model, for a program"}});
  command.exit_codes(
      {{0, "no problem was found"}, {1, "there are problems"}, {2, "the list could not be checked"}});
  command.runs([flags] {
    require_inputs_once(flags->labels.inputs());
    return check_labels(*flags);
  });
}

}  // namespace clipcls
