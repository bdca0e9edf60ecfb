#include "options.h"

#include <algorithm>
#include <map>

#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"
#include "clipcls/pipeline/image_source.h"
#include "completion.h"
#include "man_page.h"
#include "option_kinds.h"

namespace clipcls {
namespace {

constexpr int kThumbnailSize = 160;
const std::map<std::string, Precision> kPrecisions = {{"fp32", Precision::kFloat32},
                                                      {"bf16", Precision::kBfloat16},
                                                      {"int8", Precision::kInt8},
                                                      {"auto", automatic_precision()}};
const std::map<std::string, Shell> kShells = {
    {"bash", Shell::kBash}, {"zsh", Shell::kZsh}, {"fish", Shell::kFish}};
const std::map<std::string, ScoreKind> kScoreKinds = {
    {"softmax", ScoreKind::kSoftmax}, {"sigmoid", ScoreKind::kSigmoid}, {"cosine", ScoreKind::kCosine}};

void declare_model(CLI::App& app, ImageOptions& options) {
  app.add_option("-m,--model", options.model,
                 "Model folder, OpenAI's .pt file, or the name of a model\n(clipcls model list); default: "
                 "$CLIPCLS_MODEL, else the embedded model")
      ->type_name("NAME|PATH");
  app.add_option("--batch-size", options.batch.batch_size, "Images that are encoded together")
      ->check(in_range(1, 4096))
      ->type_name("N")
      ->capture_default_str();
  app.add_option_function<int>(
         "--threads",
         [&options](int num_threads) {
           options.load.num_threads = num_threads;
           options.batch.num_workers = static_cast<std::size_t>(num_threads);
         },
         "Threads that decode and encode; default: one a core")
      ->check(in_range(1, 1024))
      ->type_name("N");
  add_choice(app, "--precision", options.load.precision, kPrecisions,
             "What the encoders compute in; auto: bf16 where the processor has it;\ndefault: fp32, the same "
             "on every "
             "machine");
  app.add_flag("--fail-fast", options.batch.is_fail_fast, "Stop after the first image that fails");
  declare_messages(app, options);
}

void declare_labels(CLI::App& app, ClassifyOptions& options) {
  app.add_option("-l,--labels", options.labels, "Label file, one label a line, or a built-in list: cifar100")
      ->type_name("FILE|NAME");
  app.add_option("--label", options.label, "One more label; repeats")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("-t,--template", options.templates,
                 "Prompt template with one {} for the label; repeats: averaged")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  app.add_option("--templates", options.templates_file, "File of prompt templates, one a line")
      ->type_name("FILE");
}

void declare_results(CLI::App& app, ClassifyOptions& options) {
  app.add_option("-k,--top-k", options.batch.top_k, "Labels to print for each image")
      ->check(in_range(1, 1000000000))
      ->type_name("N")
      ->capture_default_str();
  add_choice(app, "--score", options.score_kind, kScoreKinds,
             "What a score is; default: what the model was trained with");
  declare_result_format(app, options);
}

CLI::App* declare_embed(CLI::App& app, EmbedOptions& options) {
  CLI::App* command = app.add_subcommand(
      "embed", "Write the features of images to a folder, for --image-features and for Python");
  declare_images(*command, options);
  declare_model(*command, options);
  command
      ->add_option("-o,--output", options.output, "Folder to make: image_features.npy and what belongs to it")
      ->required()
      ->type_name("DIR");
  return command;
}

struct CompletionOptions {
  Shell shell = Shell::kBash;
};

CLI::App* declare_completion(CLI::App& app, CompletionOptions& options) {
  CLI::App* command = app.add_subcommand("completion", "Print the completion script of a shell");
  add_choice(*command, "SHELL", options.shell, kShells, "The shell")->required();
  command->footer(
      "bash: clipcls completion bash > ~/.local/share/bash-completion/completions/clipcls\n"
      "zsh:  clipcls completion zsh > _clipcls, in a folder of $fpath\n"
      "fish: clipcls completion fish > ~/.config/fish/completions/clipcls.fish");
  return command;
}

CLI::App* declare_tokenize(CLI::App& app, TokenizeOptions& options) {
  CLI::App* command = app.add_subcommand("tokenize", "Print the token ids of texts as JSON");
  command->add_option("TEXT", options.texts, "Texts; '-' reads lines from standard input")
      ->required()
      ->type_name("");
  command->add_option("-m,--model", options.model, "Use this model's vocabulary; default: CLIP's own")
      ->type_name("NAME|PATH");
  return command;
}

void validate(const CLI::App& app, const ClassifyOptions& options) {
  const bool has_images = !options.images.empty() || !options.files_from.empty();
  if (!options.image_features.empty() && has_images)
    throw Error(ErrorKind::kUsage, "--image-features takes the place of images, and both are given");
  if (options.image_features.empty()) validate_images(options);
  if (!options.image_features.empty() && options.is_resumed)
    throw Error(ErrorKind::kUsage, "--resume is about images; ranking features is as fast as reading rows");
  validate_messages(options);
  validate_result_format(options);
  std::vector<std::string> inputs = options.images;
  inputs.insert(inputs.end(), {options.files_from, options.labels, options.templates_file});
  require_output_is_none_of(options.output, inputs);
  if (options.labels.empty() && options.label.empty())
    throw Error(ErrorKind::kUsage, "no labels given; use --labels FILE, --labels cifar100 or --label TEXT");
  validate_photos(app, options.photos,
                  {std::ranges::count(options.images, kStdinName) > 0, !options.image_features.empty(),
                   options.is_resumed, options.batch.top_k});
}

}  // namespace

Command parse_options(int argc, const char* const* argv) {
  ClassifyOptions classify;
  EmbedOptions embed;
  TokenizeOptions tokenize;
  UndoOptions undo;
  CompletionOptions completion;
  CLI::App app("Zero-shot image classification with CLIP: ranks your labels for each image.", "clipcls");
  app.set_version_flag("--version", "clipcls " CLIPCLS_VERSION " (libtorch " + torch_version() + ")");
  declare_images(app, classify);
  app.add_option("--image-features", classify.image_features,
                 "Rank features that clipcls embed wrote, in place of images")
      ->type_name("DIR");
  declare_model(app, classify);
  declare_labels(app, classify);
  declare_results(app, classify);
  declare_cache(app, classify.cache);
  declare_photos(app, classify.photos);
  app.footer(
      "Exit code: 0 every image was classified; 1 some failed, each reported on standard error;\n"
      "2 nothing could be done.");

  CLI::App* embed_command = declare_embed(app, embed);
  CLI::App* tokenize_command = declare_tokenize(app, tokenize);
  const ModelCommands model_commands(app);
  const CacheCommands cache_commands(app);
  CLI::App* undo_command = declare_undo(app, undo);
  CLI::App* completion_command = declare_completion(app, completion);
  CLI::App* man_command = app.add_subcommand("man", "Print the manual page: clipcls man | man -l -");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return HelpText{app.help()};
  } catch (const CLI::CallForVersion& version) {
    return HelpText{std::string(version.what()) + "\n"};
  } catch (const CLI::ParseError& error) {
    throw Error(ErrorKind::kUsage, std::string(error.what()) + "; see clipcls --help");
  }
  if (embed_command->parsed()) {
    validate_images(embed);
    validate_messages(embed);
    return embed;
  }
  if (tokenize_command->parsed()) return tokenize;
  if (undo_command->parsed()) return undo;
  if (completion_command->parsed())
    return HelpText{write_completion(describe_commands(app), completion.shell)};
  if (man_command->parsed()) return HelpText{write_man_page(describe_commands(app), CLIPCLS_VERSION)};
  if (const auto command = model_commands.given()) return *command;
  if (const auto command = cache_commands.given()) return *command;
  validate(app, classify);
  if (classify.format == ReportFormat::kHtml) classify.batch.thumbnail_size = kThumbnailSize;
  return classify;
}

}  // namespace clipcls
