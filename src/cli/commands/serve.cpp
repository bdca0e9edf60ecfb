#include "cli/commands/serve.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/flags/label_requests.h"
#include "cli/flags/require_model.h"
#include "cli/flags/serve_options.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "clipcls/serve/classification_service.h"
#include "clipcls/serve/http_server.h"
#include "model/load_model.h"

namespace clipcls {
namespace {

constexpr const char* kUnnamed = "default";  // labels that were given one by one

/// A label set as the command line names it, and the flags that make it.
struct NamedLabels {
  std::string name;
  LabelOptions options;
  LabelRequest labels;
};

NamedLabels read_labels(const std::string& argument, const ServeOptions& options) {
  NamedLabels named{"", options, {}};
  std::tie(named.name, named.options.labels) = split_label_set(argument);
  if (named.name.empty()) throw Error(ErrorKind::kUsage, "--labels " + argument + ": names no label set");
  if (named.options.labels.empty())
    throw Error(ErrorKind::kUsage, "--labels " + argument + ": names no file");
  return named;
}

/// All label sets of the command line; --label adds to the first. Throws Error (kUsage, kLabels).
std::vector<NamedLabels> read_label_sets(const ServeOptions& options) {
  std::vector<NamedLabels> sets;
  for (const std::string& argument : options.label_sets) {
    sets.push_back(read_labels(argument, options));
    if (sets.size() > 1) sets.back().options.label.clear();
    const bool is_taken = std::ranges::count(sets, sets.back().name, &NamedLabels::name) > 1;
    if (is_taken) {
      throw Error(ErrorKind::kUsage,
                  "--labels " + argument + ": there is a label set " + sets.back().name +
                      " already; give it another name: NAME=" + sets.back().options.labels);
    }
  }
  if (sets.empty()) sets.push_back({kUnnamed, options, {}});
  for (NamedLabels& named : sets) named.labels = make_label_request(named.options);
  return sets;
}

/// Makes labels of requests ready, as the flags of the command line say.
RequestLabels::Embed embedder(const std::filesystem::path& path, ClipModel& model,
                              const ServeOptions& options) {
  LabelEmbedding embedding = make_label_embedding(options, path, model);
  embedding.on_warning = ignore_message;  // whoever sent the labels would not see it
  embedding.on_note = ignore_message;
  return [&model, embedding, flags = make_request_without_labels(options)](const LabelSet& labels) {
    LabelRequest request = flags;
    request.labels = std::make_shared<const LabelSet>(labels);
    return std::make_shared<const ServedLabels>(make_classifier(model, request, embedding),
                                                request.answers());
  };
}

HttpLimits limits_of(const ServeOptions& options) {
  HttpLimits limits;
  limits.max_body_bytes = options.max_body_megabytes * 1000000;
  limits.max_body_bytes_in_all = std::max(limits.max_body_bytes_in_all, 4 * limits.max_body_bytes);
  limits.max_connections = options.max_connections;
  limits.timeout = std::chrono::seconds(options.timeout_seconds);
  return limits;
}

void log_response(const HttpHead& head, int status, double seconds) {
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(), " %d %.1f ms", status, 1000 * seconds);
  print_message((head.method.empty() ? "-" : head.method + " " + head.path.substr(0, 200)) + numbers.data());
}

}  // namespace

int serve(const ServeOptions& options) {
  // Everything that can be wrong without the model is found before it is loaded.
  const std::vector<NamedLabels> label_sets = read_label_sets(options);
  const std::filesystem::path path = require_model(options.model);
  HttpServer server(options.host, static_cast<std::uint16_t>(options.port), limits_of(options));

  const std::unique_ptr<ClipModel> model = load_model(path, options.load);
  model->load_image_encoder();
  if (options.is_verbose) print_model(path, *model);
  ServiceOptions service_options;
  for (const NamedLabels& named : label_sets) {
    service_options.label_sets.emplace_back(
        named.name, std::make_shared<const ServedLabels>(
                        make_classifier(*model, named.labels, make_label_embedding(options, path, *model)),
                        named.labels.answers()));
  }
  service_options.top_k = options.batch.top_k;
  service_options.max_request_labels = options.max_request_labels;
  service_options.timeout = std::chrono::seconds(options.timeout_seconds);
  service_options.batcher.encode = options.batch;
  service_options.batcher.max_waiting = options.max_waiting;
  service_options.batcher.window = std::chrono::milliseconds(options.window_milliseconds);
  if (options.is_verbose) service_options.on_response = log_response;
  const Interruption interruption;  // before this point a signal ends the program: no request has begun
  ClassificationService service(*model, std::move(service_options), embedder(path, *model, options),
                                [&server] { return server.num_connections(); });

  std::cout << server.url() << std::endl;
  server.run(service, [] { return !Interruption::has_happened(); });
  if (options.is_verbose) {
    for (const EncoderState& encoder : model->encoder_states()) print_message(describe_encoder(encoder));
  }
  if (!options.is_quiet) {
    print_message("stopped; " + std::to_string(service.metrics().num_requests()) + " requests, " +
                  std::to_string(service.metrics().num_classified()) + " images classified");
  }
  return 0;
}

}  // namespace clipcls
