#include "cli/commands/serve.h"

#include <memory>

#include "cli/commands/commands.h"
#include "cli/flags/label_requests.h"
#include "cli/flags/label_set_argument.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "clipcls/error.h"
#include "zero_shot/labels.h"

namespace clipcls {

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
  command
      .add_option(
          "--socket", socket,
          "Listen on a Unix socket in place of a port, a file that you alone may use. clipcls --via FILE has "
          "its pictures encoded there, and needs no labels here")
      ->type_name("FILE")
      ->brief("Unix socket to listen on, for clipcls --via")
      ->excludes("--host")
      ->excludes("--port");
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
  if (label_sets.empty() && prompts.label.empty() && socket.empty())
    throw Error(ErrorKind::kUsage, no_labels_message());
  if (!scores.calibration.empty() && label_sets.size() > 1)
    throw Error(ErrorKind::kUsage, "--calibration needs a single list of labels, and --labels gives several");
  scores.validate();
  multi_label.validate();
  NamedInputs inputs = joined(prompts.inputs(), scores.inputs());
  for (const std::string& argument : label_sets)
    inputs.emplace_back("--labels", split_label_set(argument).second);
  require_inputs_once(inputs);
}

void add_serve(Program& program) {
  CommandDeclaration& command = program.add("serve", "Classify images that come by HTTP");
  const auto flags = std::make_shared<ServeFlags>();
  flags->add(command);
  command.footer(
      "POST /classify  an image as the body, as field image of a form, or as base64 in JSON;\n"
      "                fields, also in the query: labels, label, top_k, threshold, page, name\n"
      "GET /healthz, GET /metrics (Prometheus)\n"
      "The address is printed on standard output. Ctrl-C and SIGTERM let open requests finish.");
  command.examples({{"clipcls serve -l cifar100", "answer at http://127.0.0.1:8080"},
                    {"clipcls serve -l pets -l food101 --port 9000", "a request names the list"},
                    {"curl --data-binary @cat.jpg 127.0.0.1:8080/classify", "ask it"},
                    {"clipcls serve --socket clipcls.sock", "encode for clipcls --via clipcls.sock"}});
  command.exit_codes({{0, "it was stopped, and answered all open requests"}, {2, "it could not be started"}});
  command.runs([flags, &command] {
    flags->validate();
    return serve(*flags, top_k_of(flags->top_k, command.is_given("--top-k"), flags->multi_label));
  });
}

}  // namespace clipcls
