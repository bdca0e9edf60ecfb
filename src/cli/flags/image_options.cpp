#include "cli/flags/image_options.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "cli/flags/colour.h"
#include "cli/flags/declaration.h"
#include "cli/terminal/decode_hints.h"
#include "cli/terminal/message.h"
#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"

namespace clipcls {
namespace {

/// The devices that the options settled on: "cpu", "cuda:0,1".
std::string device_text(const ImageOptions& options) {
  std::string text;
  for (const int gpu : options.load.gpus) text += (text.empty() ? "cuda:" : ",") + std::to_string(gpu);
  return text.empty() ? "cpu" : text;
}

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, shard.index);
  if (error == std::errc() && slash != end && *slash == '/') {
    const auto [rest, count_error] = std::from_chars(slash + 1, end, shard.num_shards);
    if (count_error == std::errc() && rest == end && shard.index >= 1 && shard.index <= shard.num_shards)
      return shard;
  }
  throw Error(ErrorKind::kUsage,
              "--shard " + text + ": is not I/N with whole numbers 1 <= I <= N, such as 3/8");
}

/// "no image in photos, list.txt"
std::string no_image_message(const ImageOptions& options) {
  constexpr std::size_t kMaxNamed = 3;
  std::vector<std::string> inputs = options.images;
  if (!options.files_from.empty()) inputs.push_back("the list " + options.files_from);
  std::string names;
  for (std::size_t i = 0; i < std::min(inputs.size(), kMaxNamed); ++i)
    names += (i == 0 ? "" : ", ") + inputs[i];
  if (inputs.size() > kMaxNamed) names += " and " + std::to_string(inputs.size() - kMaxNamed) + " more";
  return "no image in " + names + "; is its disk mounted? If that is right, add --allow-empty";
}

}  // namespace

void declare_images(CommandDeclaration& app, ImageOptions& options) {
  app.add_option("IMAGE", options.images,
                 "Image files, folders of them, and pipes such as <(command); '-' reads\none image from "
                 "standard input")
      ->type_name("");
  app.add_option("-T,--files-from", options.files_from,
                 "Take the files of this list, one path a line; '-' is standard input")
      ->type_name("FILE");
  app.add_flag("-0,--null", options.is_nul_separated,
               "The list's paths end in a NUL byte, as find -print0 writes them");
  app.add_flag("-r,--recursive", options.is_recursive, "Of a folder, also the folders in it");
  app.add_option(
         "--shard", [&options](const std::string& text) { options.shard = parse_shard(text); },
         [&options] {
           return std::to_string(options.shard.index) + "/" + std::to_string(options.shard.num_shards);
         },
         "Of the images in their order, only the Ith of every N: one of N runs that\ndivide them")
      ->type_name("I/N");
  app.add_flag("--allow-empty", options.allows_empty,
               "Take it for an answer that there is no image at all, as where a disk is\nnot mounted");
  declare_decoding(app, options);
}

const std::map<std::string, Precision>& precision_words() {
  static const std::map<std::string, Precision> words = {{"fp32", Precision::kFloat32},
                                                         {"bf16", Precision::kBfloat16},
                                                         {"fp16", Precision::kFloat16},
                                                         {"int8", Precision::kInt8},
                                                         {"auto", Precision::kAutomatic}};
  return words;
}

void declare_decoding(CommandDeclaration& app, ImageOptions& options) {
  app.add_flag_callback(
      "--no-exif-rotation", [&] { options.batch.decode.apply_exif_rotation = false; },
      "Leave photographs as they lie in the file, as OpenAI's Python does");
  app.add_number("--max-megapixels", options.batch.decode.max_megapixels, 1e-6, 1e5, "Refuse larger images")
      ->type_name("N");
  app.add_option(
         "--background",
         [&options](const std::string& text) { options.batch.decode.background = parse_colour(text); },
         [&options] { return colour_text(options.batch.decode.background); },
         "Put what lets something through on this colour: white, black, grey, #rgb or\n#rrggbb; default: its "
         "hidden colours count, as in Python")
      ->type_name("COLOUR");
  options.batch.on_loss = make_decode_hints();
  app.add_flag("--draft", options.batch.is_draft,
               "Decode JPEGs at a half, a quarter or an eighth of their sides where that\nleaves twice the "
               "model's size: faster, with slightly other scores");
}

void declare_model(CommandDeclaration& app, ImageOptions& options) {
  app.add_option("-m,--model", options.model,
                 "Model folder, OpenAI's .pt file, or the name of a model\n(clipcls model list); default: "
                 "$CLIPCLS_MODEL, else the embedded model")
      ->type_name("NAME|PATH");
  app.add_number("--threads", options.load.num_threads, 1, 1024,
                 "Threads that decode and encode; default: one a core")
      ->type_name("N");
  app.add_choice("--precision", options.load.precision, precision_words(),
                 "What the encoders compute in; auto: fp16 on a GPU, bf16 where the\nprocessor has it; "
                 "default: fp32, the same on every machine");
  app.add_option(
         "--device", [&options](const std::string& word) { options.device = parse_device(word); },
         [&options] { return device_text(options); },
         "Where the encoders compute: on the processor, a GPU, all of them in turns,\nor a GPU where there "
         "is one; default: cpu")
      ->type_name("cpu|cuda|cuda:N|cuda:all|auto");
  app.after_parsing([&options] {
    settle_device(options);
    if (options.is_quiet) options.batch.on_loss = EncodeOptions().on_loss;
  });
}

void settle_device(ImageOptions& options) {
  options.batch.num_workers = static_cast<std::size_t>(options.load.num_threads);
  // Counting GPUs opens libtorch and starts a driver.
  const int num_found = options.device.kind == DeviceChoice::Kind::kCpu ? 0 : num_gpus();
  const bool may_fail = options.device.kind != DeviceChoice::Kind::kCpu && num_found == 0;
  options.load = choose_device(options.load, options.device, num_found, may_fail ? why_no_gpu() : "");
}

void declare_batch_size(CommandDeclaration& app, ImageOptions& options) {
  app.add_number("--batch-size", options.batch.batch_size, 1, 4096, "Images that are encoded together")
      ->type_name("N");
}

void declare_fail_fast(CommandDeclaration& app, ImageOptions& options) {
  app.add_flag("--fail-fast", options.batch.is_fail_fast, "Stop after the first image that fails");
}

void declare_progress(CommandDeclaration& app, ImageOptions& options) {
  app.add_flag("--progress", options.shows_progress,
               "Show how far the run is; default: where standard error is a terminal");
  app.add_flag("--no-progress", options.hides_progress, "Do not show it");
}

void declare_quiet(CommandDeclaration& app, ImageOptions& options, const std::string& help) {
  app.add_flag("-q,--quiet", options.is_quiet, help);
}

void declare_verbose(CommandDeclaration& app, ImageOptions& options) {
  app.add_flag("-v,--verbose", options.is_verbose, "Say on standard error what was loaded");
}

void validate_images(const ImageOptions& options) {
  if (options.images.empty() && options.files_from.empty()) {
    throw Error(ErrorKind::kUsage,
                "no image given; try clipcls image.jpg --labels cifar100, or clipcls --help");
  }
  if (options.is_nul_separated && options.files_from.empty())
    throw Error(ErrorKind::kUsage, "-0 says how the list of --files-from is written, and there is none");
}

void require_no_image_flags(const CommandDeclaration& command, bool reads_pictures) {
  std::vector<const char*> flags = {"--recursive", "--shard", "--draft", "--batch-size", "--fail-fast"};
  if (!reads_pictures) flags.insert(flags.end(), {"--no-exif-rotation", "--max-megapixels", "--background"});
  for (const char* flag : flags) {
    if (command.count(flag) > 0) {
      throw Error(ErrorKind::kUsage,
                  std::string(flag) + " is about images, and --image-features takes their place");
    }
  }
}

void validate_messages(const ImageOptions& options) {
  if (options.is_quiet && options.is_verbose)
    throw Error(ErrorKind::kUsage, "--quiet and --verbose exclude each other");
  if (options.shows_progress && (options.is_quiet || options.hides_progress)) {
    throw Error(ErrorKind::kUsage, std::string("--progress and ") +
                                       (options.is_quiet ? "--quiet" : "--no-progress") +
                                       " exclude each other");
  }
}

std::unique_ptr<ImageSource> open_images(const ImageOptions& options, bool is_quiet,
                                         const OutputTarget* output) {
  FolderOptions folders{options.is_recursive};
  if (!is_quiet) folders.on_warning = print_warning;
  std::unique_ptr<ImageSource> images = make_path_source(options.images, std::move(folders));
  if (!options.files_from.empty()) {
    images =
        make_source_chain(std::move(images), open_path_list(options.files_from, options.is_nul_separated));
  }
  if (output != nullptr) {
    images = watch_images(std::move(images), [target = *output](const ImageInput& input) {
      if (!input.is_standard_input && !input.error) target.require_is_not(input.path);
    });
  }
  if (!options.allows_empty) images = require_an_image(std::move(images), no_image_message(options));
  return options.shard.num_shards == 1 ? std::move(images) : take_shard(std::move(images), options.shard);
}

bool may_be_several(const ImageOptions& options) {
  std::error_code ignored;
  return options.images.size() > 1 || !options.files_from.empty() ||
         std::ranges::any_of(options.images,
                             [&](const auto& path) { return std::filesystem::is_directory(path, ignored); });
}

}  // namespace clipcls
