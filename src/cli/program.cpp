#include "cli/program.h"

#include <algorithm>
#include <map>

#include "cli/flags/declaration.h"
#include "cli/flags/eval_options.h"
#include "cli/flags/label_options.h"
#include "cli/flags/output_options.h"
#include "cli/flags/serve_options.h"
#include "cli/flags/standard_input.h"
#include "cli/help/completion.h"
#include "cli/help/man_page.h"
#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"
#include "clipcls/pipeline/image_source.h"

namespace clipcls {
namespace {

constexpr int kThumbnailSize = 160;
constexpr const char* kQuietHelp = "No warnings, no progress, no summary at the end";
const std::map<std::string, Shell> kShells = {
    {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};

void declare_results(CommandDeclaration& app, ClassifyOptions& options) {
  app.add_number("-k,--top-k", options.batch.top_k, 1, 1000000000, "Labels to print for each image")
      ->type_name("N");
  declare_result_format(app, options);
  app.add_flag("--timings", options.shows_timings, "Say on standard error where the time went");
}

CommandDeclaration* declare_embed(CommandDeclaration& app, EmbedOptions& options) {
  CommandDeclaration* command = app.add_subcommand(
      "embed", "Write the features of images to a folder, for --image-features and for Python");
  declare_images(*command, options);
  declare_batch_size(*command, options);
  declare_fail_fast(*command, options);
  declare_model(*command, options);
  declare_progress(*command, options);
  declare_quiet(*command, options, kQuietHelp);
  declare_verbose(*command, options);
  command
      ->add_option("-o,--output", options.output, "Folder to make: image_features.npy and what belongs to it")
      ->required()
      ->type_name("DIR");
  declare_overwrite(*command, options.overwrites, "Replace a folder of image features");
  return command;
}

struct CompletionOptions {
  Shell shell = Shell::kBash;
};

CommandDeclaration* declare_completion(CommandDeclaration& app, CompletionOptions& options) {
  CommandDeclaration* command = app.add_subcommand("completion", "Print the completion script of a shell");
  command->add_choice("SHELL", options.shell, kShells, "The shell")->required();
  command->footer(
      "bash: clipcls completion bash > ~/.local/share/bash-completion/completions/clipcls\n"
      "zsh:  clipcls completion zsh > _clipcls, in a folder of $fpath\n"
      "fish: clipcls completion fish > ~/.config/fish/completions/clipcls.fish");
  return command;
}

CommandDeclaration* declare_tokenize(CommandDeclaration& app, TokenizeOptions& options) {
  CommandDeclaration* command =
      app.add_subcommand("tokenize", "Print the token ids of texts as JSON: what the text encoder sees");
  command->add_option("TEXT", options.texts, "Texts; '-' reads lines from standard input")
      ->required()
      ->type_name("");
  command
      ->add_option("-m,--model", options.model,
                   "Use this model's vocabulary and context length; default: CLIP's")
      ->type_name("NAME|PATH");
  command->add_flag("--no-truncate", options.is_whole,
                    "Print all ids of a text that is longer than the model's context length,\n77 in CLIP; "
                    "default: its end is cut, as for the text encoder");
  return command;
}

void validate(const TokenizeOptions& options) {
  NamedInputs inputs;
  for (const std::string& text : options.texts) {
    if (text == "-") inputs.emplace_back("TEXT", text);
  }
  require_inputs_once(inputs);
}

void validate(const CommandDeclaration& app, ClassifyOptions& options) {
  const bool has_images = !options.images.empty() || !options.files_from.empty();
  if (!options.image_features.empty() && has_images)
    throw Error(ErrorKind::kUsage, "--image-features takes the place of images, and both are given");
  if (options.image_features.empty()) validate_images(options);
  if (!options.image_features.empty() && options.shows_timings)
    throw Error(ErrorKind::kUsage, "--timings is about images, and --image-features takes their place");
  if (!options.image_features.empty()) require_no_image_flags(app, options.format == ReportFormat::kHtml);
  if (!options.image_features.empty() && options.is_resumed)
    throw Error(ErrorKind::kUsage, "--resume is about images; ranking features is as fast as reading rows");
  validate_messages(options);
  validate_result_format(app, options);
  if (options.labels.empty() && options.label.empty())
    throw Error(ErrorKind::kUsage, "no labels given; use --labels FILE, --labels cifar100 or --label TEXT");
  validate_scores(options);
  require_inputs_once(label_inputs(options));
  lift_top_k(app, options);
  validate_photos(app, options.photos,
                  {std::ranges::count(options.images, kStdinName) > 0, !options.image_features.empty(),
                   options.is_resumed, options.batch.top_k});
}

}  // namespace

Command parse_options(int argc, const char* const* argv) {
  ClassifyOptions classify;
  ServeOptions serve;
  EmbedOptions embed;
  TokenizeOptions tokenize;
  UndoOptions undo;
  CompletionOptions completion;
  CommandDeclaration app("clipcls",
                         "Zero-shot image classification with CLIP: ranks your labels for each image.\n"
                         "A command is the first word: clipcls eval is one, clipcls ./eval classifies what "
                         "lies in a folder of that name.");
  app.add_version([] { return "clipcls " CLIPCLS_VERSION " (libtorch " + torch_version() + ")"; });
  declare_images(app, classify);
  declare_batch_size(app, classify);
  declare_fail_fast(app, classify);
  app.add_option("--image-features", classify.image_features,
                 "Rank features that clipcls embed wrote, in place of images")
      ->type_name("DIR");
  declare_model(app, classify);
  declare_progress(app, classify);
  declare_quiet(app, classify, kQuietHelp);
  declare_verbose(app, classify);
  declare_labels(app, classify);
  declare_scores(app, classify);
  declare_multi_label(app, classify);
  declare_results(app, classify);
  declare_cache(app, classify.cache);
  declare_photos(app, classify.photos);
  app.footer(
      "Exit code: 0 every image was classified; 1 some failed, each reported on standard error;\n"
      "2 nothing could be done.");

  CommandDeclaration* serve_command = declare_serve(app, serve);
  CommandDeclaration* embed_command = declare_embed(app, embed);
  CommandDeclaration* tokenize_command = declare_tokenize(app, tokenize);
  const EvalCommands eval_commands(app);
  const ModelCommands model_commands(app);
  const CacheCommands cache_commands(app);
  CommandDeclaration* undo_command = declare_undo(app, undo);
  CommandDeclaration* completion_command = declare_completion(app, completion);
  CommandDeclaration* man_command =
      app.add_subcommand("man", "Print the manual page: clipcls man | man -l -");

  if (const std::optional<std::string> text = app.parse(argc, argv)) return HelpText{*text};
  if (serve_command->parsed()) {
    validate_serve(*serve_command, serve);
    return serve;
  }
  if (embed_command->parsed()) {
    validate_images(embed);
    validate_messages(embed);
    require_inputs_once(image_inputs(embed));
    return embed;
  }
  if (tokenize_command->parsed()) {
    validate(tokenize);
    return tokenize;
  }
  if (undo_command->parsed()) return undo;
  if (completion_command->parsed()) return HelpText{write_completion(app.describe(), completion.shell)};
  if (man_command->parsed()) return HelpText{write_man_page(app.describe(), CLIPCLS_VERSION)};
  if (const auto command = eval_commands.given()) return *command;
  if (const auto command = model_commands.given()) return *command;
  if (const auto command = cache_commands.given()) return *command;
  validate(app, classify);
  classify.flags = app.values();
  if (classify.format == ReportFormat::kHtml) classify.batch.thumbnail_size = kThumbnailSize;
  return classify;
}

}  // namespace clipcls
