#include "options.h"

#include <algorithm>
#include <limits>
#include <map>

#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"
#include "clipcls/pipeline/image_source.h"
#include "eval_options.h"
#include "label_options.h"
#include "option_kinds.h"

namespace clipcls {
namespace {

const std::map<std::string, ReportFormat> kFormats = {
    {"text", ReportFormat::kText}, {"json", ReportFormat::kJson}, {"jsonl", ReportFormat::kJsonl}};

void declare_inputs(CLI::App& app, ImageOptions& options) {
  app.add_option("IMAGE", options.images, "Image files; '-' reads one image from standard input")
      ->type_name("");
  app.add_option("-T,--files-from", options.files_from,
                 "Take the files of this list, one path a line; '-' is standard input")
      ->type_name("FILE");
  app.add_flag("-0,--null", options.is_nul_separated,
               "The list's paths end in a NUL byte, as find -print0 writes them");
  declare_decoding(app, options);
}

void declare_results(CLI::App& app, ClassifyOptions& options) {
  app.add_option("-k,--top-k", options.batch.top_k, "Labels to print for each image")
      ->check(in_range(1, 1000000000))
      ->type_name("N")
      ->capture_default_str();
  add_choice(app, "-f,--format", options.format, kFormats, "Output format; default: text");
  app.add_option("-o,--output", options.output,
                 "Write the results here, whole or not at all; default: standard output")
      ->type_name("FILE");
}

CLI::App* declare_embed(CLI::App& app, EmbedOptions& options) {
  CLI::App* command = app.add_subcommand(
      "embed", "Write the features of images to a folder, for --image-features and for Python");
  declare_inputs(*command, options);
  declare_model(*command, options);
  command
      ->add_option("-o,--output", options.output, "Folder to make: image_features.npy and what belongs to it")
      ->required()
      ->type_name("DIR");
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

void validate_images(const ImageOptions& options) {
  if (options.images.empty() && options.files_from.empty()) {
    throw Error(ErrorKind::kUsage,
                "no image given; try clipcls image.jpg --labels cifar100, or clipcls --help");
  }
  const auto num_stdin =
      std::ranges::count(options.images, kStdinName) + (options.files_from == kStdinName ? 1 : 0);
  if (num_stdin > 1)
    throw Error(ErrorKind::kUsage, "'-' is given more than once, and standard input can be read only once");
  if (options.is_nul_separated && options.files_from.empty()) {
    throw Error(ErrorKind::kUsage, "-0 says how the list of --files-from is written, and there is none");
  }
  if (options.is_quiet && options.is_verbose)
    throw Error(ErrorKind::kUsage, "--quiet and --verbose exclude each other");
}

void validate(ClassifyOptions& options) {
  const bool has_images = !options.images.empty() || !options.files_from.empty();
  if (!options.image_features.empty() && has_images)
    throw Error(ErrorKind::kUsage, "--image-features takes the place of images, and both are given");
  if (options.image_features.empty()) validate_images(options);
  if (options.labels.empty() && options.label.empty())
    throw Error(ErrorKind::kUsage, "no labels given; use --labels FILE, --labels cifar100 or --label TEXT");
  validate_scores(options);
}

}  // namespace

const std::map<std::string, Precision>& precision_words() {
  static const std::map<std::string, Precision> kWords = {{"fp32", Precision::kFloat32},
                                                          {"bf16", Precision::kBfloat16},
                                                          {"int8", Precision::kInt8},
                                                          {"auto", automatic_precision()}};
  return kWords;
}

void declare_decoding(CLI::App& app, ImageOptions& options) {
  app.add_flag_callback(
      "--no-exif-rotation", [&] { options.batch.decode.apply_exif_rotation = false; },
      "Leave photographs as they lie in the file, as OpenAI's Python does");
  app.add_option("--max-megapixels", options.batch.decode.max_megapixels, "Refuse larger images")
      ->check(in_range(1e-6, 1e5))
      ->type_name("N")
      ->capture_default_str();
}

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
  add_choice(app, "--precision", options.load.precision, precision_words(),
             "What the encoders compute in; auto: bf16 where the processor has it;\ndefault: fp32, the same "
             "on every "
             "machine");
  app.add_flag("--fail-fast", options.batch.is_fail_fast, "Stop after the first image that fails");
  app.add_flag("-q,--quiet", options.is_quiet, "No warnings");
  app.add_flag("-v,--verbose", options.is_verbose, "Say on standard error what was loaded");
}

Command parse_options(int argc, const char* const* argv) {
  ClassifyOptions classify;
  EmbedOptions embed;
  TokenizeOptions tokenize;
  CLI::App app("Zero-shot image classification with CLIP: ranks your labels for each image.", "clipcls");
  app.set_version_flag("--version", "clipcls " CLIPCLS_VERSION " (libtorch " + torch_version() + ")");
  declare_inputs(app, classify);
  app.add_option("--image-features", classify.image_features,
                 "Rank features that clipcls embed wrote, in place of images")
      ->type_name("DIR");
  declare_model(app, classify);
  declare_labels(app, classify);
  declare_scores(app, classify);
  declare_multi_label(app, classify);
  declare_results(app, classify);
  declare_cache(app, classify.cache);
  app.footer(
      "Exit code: 0 every image was classified; 1 some failed, each reported on standard error;\n"
      "2 nothing could be done.");

  CLI::App* embed_command = declare_embed(app, embed);
  CLI::App* tokenize_command = declare_tokenize(app, tokenize);
  const EvalCommands eval_commands(app);
  const ModelCommands model_commands(app);
  const CacheCommands cache_commands(app);

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
    return embed;
  }
  if (tokenize_command->parsed()) return tokenize;
  if (const auto command = eval_commands.given()) return *command;
  if (const auto command = model_commands.given()) return *command;
  if (const auto command = cache_commands.given()) return *command;
  validate(classify);
  // Several labels may apply, and --threshold says which: five is no natural number of them.
  if (classify.score_kind == ScoreKind::kMultiLabel && app.count("--top-k") == 0)
    classify.batch.top_k = std::numeric_limits<std::size_t>::max();
  return classify;
}

}  // namespace clipcls
