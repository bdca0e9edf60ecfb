#include "cli/flags/label_requests.h"

#include <memory>
#include <system_error>
#include <utility>

#include "cli/flags/input_text.h"
#include "cli/terminal/message.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"
#include "model/load_tokenizer.h"
#include "zero_shot/label_problems.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

Calibration read_calibration(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored))
    throw Error(ErrorKind::kUsage, file + ": is a folder; clipcls calibrate makes a file");
  return parse_calibration(
      read_input_text(file, ErrorKind::kUsage, "clipcls calibrate DIR --output FILE makes such a file"),
      file);
}

LabelSet read_label_set(const LabelFlags& flags, const OnMessage& on_warning) {
  LabelSet labels;
  if (!flags.labels.empty()) labels = find_label_set(flags.labels, read_input_list);
  if (is_one_line_of_labels(labels)) {
    on_warning(flags.labels + ": has one label, with commas; if these are several, write one a line");
  }
  for (const std::string& label : flags.prompts.label)
    labels.labels.push_back({clean_label(label, "--label"), {}, {}, {}, {}});
  if (flags.labels.empty() && is_one_line_of_labels(labels)) {
    const std::string& label = labels.labels.front().name;
    on_warning("--label " + shell_word(label) + " is one label; for several write --labels " +
               shell_word(label));
  }
  if (labels.weights && !flags.prompts.label.empty()) {
    throw Error(ErrorKind::kUsage,
                flags.labels + ": its labels were made from pictures, and --label adds one that is not");
  }
  return labels;
}

LabelRequest make_request(const LabelFlags& flags, LabelSet labels, const ScoreFlags& scores,
                          const MultiLabelFlags& multi_label) {
  LabelRequest request = make_request_without_labels(flags.prompts, scores, multi_label);
  if (!flags.labels.empty()) request.labels_name = flags.labels;
  request.labels = std::make_shared<const LabelSet>(std::move(labels));
  require_consistent(request);
  return request;
}

}  // namespace

LabelRequest make_label_request(const LabelFlags& labels, const ScoreFlags& scores,
                                const MultiLabelFlags& multi_label, const OnMessage& on_warning) {
  LabelSet label_set = read_label_set(labels, on_warning);
  drop_repeated(label_set, on_warning);
  return make_request(labels, std::move(label_set), scores, multi_label);
}

LabelRequest make_label_request_as_given(const LabelFlags& labels) {
  return make_request(labels, read_label_set(labels, ignore_message), {}, {});
}

LabelRequest make_request_without_labels(const PromptFlags& prompts, const ScoreFlags& scores,
                                         const MultiLabelFlags& multi_label) {
  LabelRequest request;
  if (!prompts.templates_file.empty())
    request.templates = find_prompt_templates(prompts.templates_file, read_input_list);
  for (const std::string& text : prompts.templates) request.templates.emplace_back(text);
  request.none = scores.none;
  request.negatives = multi_label.negatives;
  request.score_kind = score_kind_of(scores, multi_label);
  request.threshold = threshold_of(scores, multi_label);
  if (!scores.calibration.empty()) {
    request.calibration = read_calibration(scores.calibration);
    request.calibration_name = scores.calibration;
  }
  return request;
}

LabelEmbedding make_label_embedding(const CacheFlags& cache, const ModelFlags& model_flags,
                                    const MessageFlags& messages, const std::filesystem::path& path,
                                    const ClipModel& model) {
  LabelEmbedding embedding;
  embedding.load_tokenizer = [path, &model] { return load_tokenizer(path, model.config().text); };
  embedding.cache = find_cache(cache);
  embedding.num_workers = static_cast<std::size_t>(model_flags.num_threads);
  embedding.on_warning = warnings_of(messages);
  if (messages.is_verbose) embedding.on_note = print_message;
  if (!messages.is_quiet) embedding.on_wait = print_message;
  return embedding;
}

OnMessage warnings_of(const MessageFlags& messages) {
  return messages.is_quiet ? OnMessage(ignore_message) : OnMessage(print_warning);
}

}  // namespace clipcls
