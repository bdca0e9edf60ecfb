#include "cli/flags/serve_options.h"

#include <filesystem>
#include <system_error>

#include "cli/flags/declaration.h"
#include "cli/flags/label_options.h"
#include "cli/flags/standard_input.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

void declare_limits(CommandDeclaration& app, ServeOptions& options) {
  app.add_number("--max-body", options.max_body_megabytes, 1, 4096, "Refuse larger request bodies")
      ->type_name("MB");
  app.add_number("--max-waiting", options.max_waiting, 1, 1000000,
                 "Images that wait or are being classified; a request more is answered\n503")
      ->type_name("N");
  app.add_number("--max-connections", options.max_connections, 1, 100000,
                 "Connections that are open at a time")
      ->type_name("N");
  app.add_number("--max-labels", options.max_request_labels, 1, 1000000,
                 "Labels of a request of its own, with their synonyms and prompts")
      ->type_name("N");
  app.add_number(
         "--timeout", options.timeout_seconds, 1, 3600,
         "A request must have arrived, begun to be classified, and taken its\nresponse, each in so long")
      ->type_name("SECONDS");
  app.add_number("--batch-window", options.window_milliseconds, 0, 10000,
                 "Longest that a decoded image waits for others that are being decoded")
      ->type_name("MS");
}

}  // namespace

CommandDeclaration* declare_serve(CommandDeclaration& app, ServeOptions& options) {
  CommandDeclaration* command = app.add_subcommand("serve", "Classify images that come by HTTP");
  command
      ->add_option("--host", options.host, "Address to listen on; 0.0.0.0: all, for anybody who can reach it")
      ->type_name("ADDRESS")
      ->show_default();
  command
      ->add_number("--port", options.port, 0, 65535,
                   "Port to listen on; 0: one that is free. The address is printed")
      ->type_name("N");
  command
      ->add_option("-l,--labels", options.label_sets,
                   "Label file, '-' being standard input, or a built-in list: cifar100; repeats.\nA request "
                   "names one of them "
                   "by NAME, else by the file's name without its\nending; the first is the default")
      ->type_name("[NAME=]FILE");
  declare_prompts(*command, options);
  declare_scores(*command, options);
  declare_multi_label(*command, options);
  command
      ->add_number("-k,--top-k", options.batch.top_k, 1, 1000000000,
                   "Labels of an answer, where the request does not say")
      ->type_name("N");
  // What a stranger may have decoded: less than what people have of their own.
  options.batch.decode.max_megapixels = 64;
  declare_decoding(*command, options);
  declare_batch_size(*command, options);
  declare_model(*command, options);
  declare_quiet(*command, options, "No warnings, no summary at the end");
  declare_verbose(*command, options);
  declare_cache(*command, options.cache);
  declare_limits(*command, options);
  command->footer(
      "POST /classify  an image as the body, as field image of a form, or as base64 in JSON;\n"
      "                fields, also in the query: labels, label, top_k, threshold, name\n"
      "GET /healthz, GET /metrics (Prometheus)\n"
      "The address is printed on standard output. Ctrl-C and SIGTERM finish the requests that\n"
      "are there, with exit code 0.");
  return command;
}

std::pair<std::string, std::string> split_label_set(const std::string& argument) {
  std::error_code ignored;
  const std::size_t equals = argument.find('=');
  if (equals != std::string::npos && !std::filesystem::exists(argument, ignored))
    return {argument.substr(0, equals), argument.substr(equals + 1)};
  return {argument == "-" ? "stdin" : std::filesystem::path(argument).stem().string(), argument};
}

void validate_serve(const CommandDeclaration& command, ServeOptions& options) {
  validate_messages(options);
  if (options.label_sets.empty() && options.label.empty())
    throw Error(ErrorKind::kUsage, "no labels given; use --labels FILE, --labels cifar100 or --label TEXT");
  if (!options.calibration.empty() && options.label_sets.size() > 1)
    throw Error(ErrorKind::kUsage, "--calibration is about one list of labels, and --labels gives several");
  validate_scores(options);
  NamedInputs inputs = label_inputs(options);
  for (const std::string& argument : options.label_sets)
    inputs.emplace_back("--labels", split_label_set(argument).second);
  require_inputs_once(inputs);
  lift_top_k(command, options);
}

}  // namespace clipcls
