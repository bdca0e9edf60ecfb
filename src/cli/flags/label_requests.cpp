#include "cli/flags/label_requests.h"

#include <system_error>
#include <utility>

#include "cli/flags/cache_flags.h"
#include "cli/flags/input_text.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "clipcls/zero_shot/labels.h"
#include "model/load_tokenizer.h"

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

LabelSet read_label_set(const LabelOptions& options) {
  LabelSet labels;
  if (!options.labels.empty()) labels = find_label_set(options.labels, read_input_list);
  for (const std::string& label : options.label)
    labels.labels.push_back({clean_label(label, "--label"), {}, {}, {}, {}});
  if (labels.weights && !options.label.empty()) {
    throw Error(ErrorKind::kUsage,
                options.labels + ": its labels were made from pictures, and --label adds one that is not");
  }
  return labels;
}

LabelRequest make_request(const LabelOptions& options, LabelSet labels) {
  LabelRequest request = make_request_without_labels(options);
  request.labels = std::make_shared<const LabelSet>(std::move(labels));
  require_consistent(request);
  return request;
}

}  // namespace

LabelRequest make_label_request(const LabelOptions& options) {
  LabelSet labels = read_label_set(options);
  drop_repeated(labels, options.is_quiet ? ignore_message : print_warning);
  return make_request(options, std::move(labels));
}

LabelRequest make_label_request_as_given(const LabelOptions& options) {
  return make_request(options, read_label_set(options));
}

LabelRequest make_request_without_labels(const LabelOptions& options) {
  LabelRequest request;
  if (!options.templates_file.empty())
    request.templates = find_prompt_templates(options.templates_file, read_input_list);
  for (const std::string& text : options.templates) request.templates.emplace_back(text);
  request.none = options.none;
  request.negatives = options.negatives;
  request.score_kind = options.score_kind;
  request.threshold = options.threshold;
  if (!options.calibration.empty()) {
    request.calibration = read_calibration(options.calibration);
    request.calibration_name = options.calibration;
  }
  if (!options.labels.empty()) request.labels_name = options.labels;
  return request;
}

LabelEmbedding make_label_embedding(const LabelOptions& options, const std::filesystem::path& path,
                                    const ClipModel& model) {
  LabelEmbedding embedding;
  embedding.load_tokenizer = [path, &model] { return load_tokenizer(path, model.config().text); };
  embedding.cache = find_cache(options.cache);
  embedding.num_workers = static_cast<std::size_t>(options.load.num_threads);
  if (!options.is_quiet) embedding.on_warning = print_warning;
  if (options.is_verbose) embedding.on_note = print_message;
  return embedding;
}

}  // namespace clipcls
