#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/flags/batch_flags.h"
#include "cli/flags/decode_flags.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/label_requests.h"
#include "cli/flags/label_set_argument.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "cli/terminal/describe_model.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "interface/require_model.h"
#include "model/load_model.h"
#include "serve/classification_service.h"
#include "serve/http_server.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

constexpr const char* kUnnamed = "default";  // labels that were given one by one

struct ServeFlags {
  std::string host = "127.0.0.1";
  int port = 8080;                      ///< 0: one that is free
  std::vector<std::string> label_sets;  ///< "[NAME=]FILE|NAME"
  PromptFlags prompts;
  ScoreFlags scores;
  MultiLabelFlags multi_label;
  std::size_t top_k = 5;
  DecodeFlags decode;
  BatchFlags batch;
  ModelFlags model;
  MessageFlags messages;
  CacheFlags cache;
  std::uint64_t max_body_megabytes = 16;
  std::size_t max_waiting = 128;
  std::size_t max_connections = 512;
  std::size_t max_request_labels = 1000;
  int timeout_seconds = 30;
  int window_milliseconds = 5;

  void add(CommandDeclaration& command);
  void add_limits(CommandDeclaration& command);
  /// Throws Error (kUsage) where flags contradict each other.
  void validate() const;
};

void ServeFlags::add(CommandDeclaration& command) {
  command.group(kServerGroup);
  command.add_option("--host", host, "Address to listen on; 0.0.0.0: every address of this machine")
      ->type_name("ADDRESS")
      ->show_default()
      ->brief("Address to listen on; default: 127.0.0.1");
  command
      .add_number("--port", port, 0, 65535, "Port to listen on; 0: one that is free. The address is printed")
      ->type_name("N")
      ->brief("Port to listen on; default: 8080");
  command.group(kLabelGroup);
  command
      .add_option("-l,--labels", label_sets,
                  "Label file, '-' being standard input, or a built-in list (clipcls labels list); "
                  "repeats. A request names one of them by NAME, else by the file's name without its ending; "
                  "the first is the default")
      ->type_name("[NAME=]FILE")
      ->brief("Label file or built-in list; repeats")
      ->offers(builtin_label_list());
  prompts.add(command);
  scores.add(command);
  multi_label.add(command);
  command.group(kServerGroup);
  command
      .add_number("-k,--top-k", top_k, 1, 1000000000, "Labels in an answer, unless the request says how many")
      ->type_name("N")
      ->brief("Labels in an answer; default: 5");
  // What a stranger may have decoded: less than what people have of their own.
  decode.decode.max_megapixels = 64;
  decode.add(command);
  add_batch_size(command, batch.batch_size);
  model.add(command);
  messages.add(command, "No warnings, no summary at the end");
  cache.add(command);
  add_limits(command);
}

void ServeFlags::add_limits(CommandDeclaration& command) {
  command.group(kServerGroup);
  command.add_number("--max-body", max_body_megabytes, 1, 4096, "Refuse larger request bodies")
      ->type_name("MB");
  command
      .add_number("--max-waiting", max_waiting, 1, 1000000,
                  "Limit of images that wait or are being classified; further requests are answered with 503")
      ->type_name("N");
  command.add_number("--max-connections", max_connections, 1, 100000, "Limit of open connections")
      ->type_name("N");
  command
      .add_number("--max-labels", max_request_labels, 1, 1000000,
                  "Limit of the labels that a request brings, synonyms and prompts included")
      ->type_name("N");
  command
      .add_number("--timeout", timeout_seconds, 1, 3600,
                  "Time limit for receiving a request, for starting on it, and for sending the response")
      ->type_name("SECONDS");
  command
      .add_number("--batch-window", window_milliseconds, 0, 10000,
                  "Longest time that a decoded image waits for others of its batch")
      ->type_name("MS");
}

void ServeFlags::validate() const {
  messages.validate();
  if (label_sets.empty() && prompts.label.empty()) throw Error(ErrorKind::kUsage, no_labels_message());
  if (!scores.calibration.empty() && label_sets.size() > 1)
    throw Error(ErrorKind::kUsage, "--calibration needs a single list of labels, and --labels gives several");
  scores.validate();
  multi_label.validate();
  NamedInputs inputs = joined(prompts.inputs(), scores.inputs());
  for (const std::string& argument : label_sets)
    inputs.emplace_back("--labels", split_label_set(argument).second);
  require_inputs_once(inputs);
}

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
  if (flags.label_sets.empty()) add(kUnnamed, {"", flags.prompts});
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
  limits.max_body_bytes_in_all = std::max(limits.max_body_bytes_in_all, 4 * limits.max_body_bytes);
  limits.max_connections = flags.max_connections;
  limits.timeout = std::chrono::seconds(flags.timeout_seconds);
  return limits;
}

void log_response(const HttpHead& head, int status, double seconds) {
  print_message((head.method.empty() ? "-" : head.method + " " + head.path.substr(0, 200)) +
                fmt::format(" {} {:.1f} ms", status, 1000 * seconds));
}

/// Answers until it is asked to end. Returns the exit code. Throws Error before it listens.
int serve(const ServeFlags& flags, std::size_t top_k) {
  // Everything that can be wrong without the model is found before it is loaded.
  LoadOptions load = resolve_device(flags.model);
  load.on_warning = warnings_of(flags.messages);
  const std::vector<NamedLabels> label_sets = read_label_sets(flags);
  const std::filesystem::path path = require_model(flags.model.model);
  HttpServer server(flags.host, static_cast<std::uint16_t>(flags.port), limits_of(flags));

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
  service_options.batcher.encode = encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  service_options.batcher.max_waiting = flags.max_waiting;
  service_options.batcher.window = std::chrono::milliseconds(flags.window_milliseconds);
  if (flags.messages.is_verbose) service_options.on_response = log_response;
  const Interruption interruption;  // before this point a signal ends the program: no request has begun
  ClassificationService service(*model, std::move(service_options), embedder(path, *model, flags),
                                [&server] { return server.num_connections(); });

  std::cout << server.url() << std::endl;
  server.run(service, interruption.stop_token());
  if (flags.messages.is_verbose) print_encoders(*model);
  if (!flags.messages.is_quiet) {
    print_message("stopped; " + std::to_string(service.metrics().num_requests()) + " requests, " +
                  std::to_string(service.metrics().num_classified()) + " images classified");
  }
  return 0;
}

}  // namespace

void add_serve(Program& program) {
  CommandDeclaration& command = program.add("serve", "Classify images that come by HTTP");
  const auto flags = std::make_shared<ServeFlags>();
  flags->add(command);
  command.footer(
      "POST /classify  an image as the body, as field image of a form, or as base64 in JSON;\n"
      "                fields, also in the query: labels, label, top_k, threshold, name\n"
      "GET /healthz, GET /metrics (Prometheus)\n"
      "The address is printed on standard output. Ctrl-C and SIGTERM let open requests finish.");
  command.examples({{"clipcls serve -l cifar100", "answer at http://127.0.0.1:8080"},
                    {"clipcls serve -l pets -l food101 --port 9000", "a request names the list"},
                    {"curl --data-binary @cat.jpg 127.0.0.1:8080/classify", "ask it"}});
  command.exit_codes({{0, "it was stopped, and answered all open requests"}, {2, "it could not be started"}});
  command.runs([flags, &command] {
    flags->validate();
    return serve(*flags, top_k_of(flags->top_k, command.is_given("--top-k"), flags->multi_label));
  });
}

}  // namespace clipcls
