#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "cli/commands/serve.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/label_requests.h"
#include "cli/flags/label_set_argument.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "image/decode_sandbox.h"
#include "interface/require_model.h"
#include "model/load_model.h"
#include "serve/classification_service.h"
#include "serve/encoder_service.h"
#include "serve/http_server.h"
#include "serve/served_model.h"

namespace clipcls {
namespace {

constexpr const char* kUnnamed = "default";  // labels that were given one by one
constexpr std::uint64_t kMaxSocketBody = 256U << 20U;

/// A label set as the command line names it.
struct NamedLabels {
  std::string name;
  LabelRequest labels;
};

/// Throws Error (kUsage) where one of `arguments` names nothing, or a name is there twice.
void require_distinct_names(const std::vector<std::string>& arguments) {
  std::set<std::string> names;
  for (const std::string& argument : arguments) {
    const auto [name, file] = split_label_set(argument);
    if (name.empty()) throw Error(ErrorKind::kUsage, "--labels " + argument + ": names no label set");
    if (file.empty()) throw Error(ErrorKind::kUsage, "--labels " + argument + ": names no file");
    if (!names.insert(name).second) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("--labels {}: there is a label set {} already; give it another name: NAME={}",
                              argument, name, file));
    }
  }
}

/// All label sets of the command line; --label adds to the first. Throws Error (kUsage, kLabels).
std::vector<NamedLabels> read_label_sets(const ServeFlags& flags) {
  require_distinct_names(flags.label_sets);
  std::vector<NamedLabels> sets;
  const auto add = [&](const std::string& name, const LabelFlags& labels) {
    sets.push_back(
        {name, make_label_request(labels, flags.scores, flags.multi_label, warnings_of(flags.messages))});
  };
  if (flags.label_sets.empty() && !flags.prompts.label.empty()) add(kUnnamed, {"", flags.prompts});
  for (const std::string& argument : flags.label_sets) {
    const auto [name, file] = split_label_set(argument);
    LabelFlags labels = {file, flags.prompts};
    if (!sets.empty()) labels.prompts.label.clear();
    add(name, labels);
  }
  return sets;
}

/// Makes labels of requests ready, as the flags of the command line say.
RequestLabels::Embed embedder(const std::filesystem::path& path, ClipModel& model, const ServeFlags& flags) {
  LabelEmbedding embedding = make_label_embedding(flags.cache, flags.model, flags.messages, path, model);
  embedding.on_warning = ignore_message;  // whoever sent the labels would not see it
  embedding.on_note = ignore_message;
  embedding.on_wait = ignore_message;
  const LabelRequest of_flags = make_request_without_labels(flags.prompts, flags.scores, flags.multi_label);
  return [&model, embedding, of_flags](const LabelSet& labels) {
    LabelRequest request = of_flags;
    request.labels = std::make_shared<const LabelSet>(labels);
    return std::make_shared<const ServedLabels>(make_classifier(model, request, embedding),
                                                request.answers());
  };
}

HttpLimits limits_of(const ServeFlags& flags) {
  HttpLimits limits;
  limits.max_body_bytes = flags.max_body_megabytes * 1000000;
  // Pixel values are large, and who may use the socket is who started the server.
  if (!flags.socket.empty()) limits.max_body_bytes = std::max(limits.max_body_bytes, kMaxSocketBody);
  limits.max_body_bytes_in_all = std::max(limits.max_body_bytes_in_all, 4 * limits.max_body_bytes);
  limits.max_connections = flags.max_connections;
  limits.timeout = std::chrono::seconds(flags.timeout_seconds);
  return limits;
}

std::unique_ptr<HttpServer> listen(const ServeFlags& flags) {
  if (!flags.socket.empty()) return std::make_unique<HttpServer>(flags.socket, limits_of(flags));
  return std::make_unique<HttpServer>(flags.host, static_cast<std::uint16_t>(flags.port), limits_of(flags));
}

/// What encodes for other programs, beside `service`.
std::unique_ptr<EncoderService> make_encoder_service(const ServeFlags& flags, const LoadOptions& load,
                                                     ClipModel& model, ClassificationService& service) {
  EncoderServiceOptions options;
  options.device = device_text(load);
  options.num_threads = static_cast<std::size_t>(flags.model.num_threads);
  options.max_batch =
      std::max<std::size_t>(1, kMaxSocketBody / sizeof(float) / model.config().image.num_pixel_values());
  options.max_waiting = flags.max_waiting;
  options.on_encoded = [&service](std::size_t num_images) { service.note_images(num_images); };
  return std::make_unique<EncoderService>(model, service, std::move(options));
}

/// All formats are decoded in the sandbox, as strangers send what they like.
EncodeOptions served_encode_options(const ServeFlags& flags) {
  EncodeOptions options = encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  if (options.decode.sandbox != DecodeSandbox::kOpened) return options;
  options.decode.sandbox = DecodeSandbox::kAll;
  on_missing_sandbox([&flags](const std::string& why) { warnings_of(flags.messages)(kNoSandbox + why); });
  try_decode_sandbox();
  return options;
}

void log_response(const HttpHead& head, int status, double seconds) {
  print_message((head.method.empty() ? "-" : head.method + " " + head.path.substr(0, 200)) +
                fmt::format(" {} {:.1f} ms", status, 1000 * seconds));
}

}  // namespace

int serve(const ServeFlags& flags, std::size_t top_k) {
  // Everything that can be wrong without the model is found before it is loaded.
  LoadOptions load = resolve_device(flags.model);
  load.on_warning = warnings_of(flags.messages);
  const std::vector<NamedLabels> label_sets = read_label_sets(flags);
  const EncodeOptions encode = served_encode_options(flags);
  const std::filesystem::path path = require_model(flags.model.model);
  const std::unique_ptr<HttpServer> server = listen(flags);

  const std::unique_ptr<ClipModel> model = load_model(path, load);
  model->load_image_encoder();
  if (flags.messages.is_verbose) print_model(path, *model);
  const LabelEmbedding embedding =
      make_label_embedding(flags.cache, flags.model, flags.messages, path, *model);
  ServiceOptions service_options;
  for (const auto& [name, labels] : label_sets) {
    service_options.label_sets.emplace_back(
        name,
        std::make_shared<const ServedLabels>(make_classifier(*model, labels, embedding), labels.answers()));
  }
  service_options.top_k = top_k;
  service_options.max_request_labels = flags.max_request_labels;
  service_options.timeout = std::chrono::seconds(flags.timeout_seconds);
  service_options.batcher.encode = encode;
  service_options.batcher.max_waiting = flags.max_waiting;
  service_options.batcher.window = std::chrono::milliseconds(flags.window_milliseconds);
  if (flags.messages.is_verbose) service_options.on_response = log_response;
  const bool is_at_socket = !flags.socket.empty();
  // Clients get the same bytes as without a server.
  service_options.batcher.packs_weights = !is_at_socket;
  if (is_at_socket) service_options.other_paths = {kEncoder, kEncode};
  const Interruption interruption;  // before this point a signal ends the program: no request has begun
  ClassificationService service(*model, std::move(service_options), embedder(path, *model, flags),
                                [&server] { return server->num_connections(); });
  const std::unique_ptr<EncoderService> encoder =
      is_at_socket ? make_encoder_service(flags, load, *model, service) : nullptr;

  std::cout << server->address() << std::endl;
  server->run(encoder ? static_cast<HttpHandler&>(*encoder) : service, interruption.stop_token());
  if (flags.messages.is_verbose) print_encoders(*model);
  if (!flags.messages.is_quiet) {
    print_message("stopped; " + std::to_string(service.metrics().num_requests()) + " requests, " +
                  std::to_string(service.metrics().num_classified()) + " images classified");
  }
  return 0;
}

}  // namespace clipcls
