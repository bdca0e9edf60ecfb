#include "image_options.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "clipcls/error.h"
#include "clipcls/model/torchscript_model.h"
#include "colour.h"
#include "decode_hints.h"
#include "message.h"
#include "option_kinds.h"

namespace clipcls {
namespace {

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, error] = std::from_chars(text.data(), end, shard.index);
  if (error == std::errc() && slash != end && *slash == '/') {
    const auto [rest, count_error] = std::from_chars(slash + 1, end, shard.num_shards);
    if (count_error == std::errc() && rest == end && shard.index >= 1 && shard.index <= shard.num_shards)
      return shard;
  }
  throw CLI::ValidationError("--shard",
                             "\"" + text + "\" is not I/N with whole numbers 1 <= I <= N, such as 3/8");
}

}  // namespace

void declare_images(CLI::App& app, ImageOptions& options) {
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
  app.add_option_function<std::string>(
         "--shard", [&options](const std::string& text) { options.shard = parse_shard(text); },
         "Of the images in their order, only the Ith of every N: one of N runs that\ndivide them")
      ->type_name("I/N");
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

void declare_decoding(CLI::App& app, ImageOptions& options) {
  app.add_flag_callback(
      "--no-exif-rotation", [&] { options.batch.decode.apply_exif_rotation = false; },
      "Leave photographs as they lie in the file, as OpenAI's Python does");
  app.add_option("--max-megapixels", options.batch.decode.max_megapixels, "Refuse larger images")
      ->check(in_range(1e-6, 1e5))
      ->type_name("N")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--background",
         [&options](const std::string& text) { options.batch.decode.background = parse_colour(text); },
         "Put what lets something through on this colour: white, black, grey, #rgb or\n#rrggbb; default: its "
         "hidden colours count, as in Python")
      ->type_name("COLOUR");
  options.batch.on_loss = make_decode_hints();
  app.add_flag("--draft", options.batch.is_draft,
               "Decode JPEGs at a half, a quarter or an eighth of their sides where that\nleaves twice the "
               "model's size: faster, with slightly other scores");
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
  add_choice(
      app, "--precision", options.load.precision, precision_words(),
      "What the encoders compute in; auto: fp16 on a GPU, bf16 where the\nprocessor has it; default: fp32, "
      "the same on every machine");
  app.add_option_function<std::string>(
         "--device", [&options](const std::string& word) { options.device = parse_device(word); },
         "Where the encoders compute: on the processor, a GPU, all of them in turns,\nor a GPU where there "
         "is one; "
         "default: cpu")
      ->type_name("cpu|cuda|cuda:N|cuda:all|auto");
  app.final_callback([&options] {
    settle_device(options);
    if (options.is_quiet) options.batch.on_loss = EncodeOptions().on_loss;
  });
  app.add_flag("--fail-fast", options.batch.is_fail_fast, "Stop after the first image that fails");
  declare_messages(app, options);
}

void settle_device(ImageOptions& options) {
  const bool may_be_gpu = options.device.kind != DeviceChoice::Kind::kCpu;  // counting them starts a driver
  options.load = choose_device(options.load, options.device, may_be_gpu ? num_gpus() : 0, why_no_gpu());
}

void declare_messages(CLI::App& app, ImageOptions& options) {
  app.add_flag("--progress", options.shows_progress,
               "Show how far the run is; default: where standard error is a terminal");
  app.add_flag("--no-progress", options.hides_progress, "Do not show it");
  app.add_flag("-q,--quiet", options.is_quiet, "No warnings, no progress, no summary at the end");
  app.add_flag("-v,--verbose", options.is_verbose, "Say on standard error what was loaded");
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
  if (std::ranges::find(options.images, "") != options.images.end())
    throw Error(ErrorKind::kUsage, "an image's path is empty; is a variable of the shell not set?");
  if (options.is_nul_separated && options.files_from.empty())
    throw Error(ErrorKind::kUsage, "-0 says how the list of --files-from is written, and there is none");
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

std::unique_ptr<ImageSource> open_images(const ImageOptions& options, bool is_quiet) {
  FolderOptions folders{options.is_recursive};
  if (!is_quiet) folders.on_warning = print_warning;
  std::unique_ptr<ImageSource> images = make_path_source(options.images, std::move(folders));
  if (!options.files_from.empty()) {
    images =
        make_source_chain(std::move(images), open_path_list(options.files_from, options.is_nul_separated));
  }
  return options.shard.num_shards == 1 ? std::move(images) : take_shard(std::move(images), options.shard);
}

bool may_be_several(const ImageOptions& options) {
  std::error_code ignored;
  return options.images.size() > 1 || !options.files_from.empty() ||
         std::ranges::any_of(options.images,
                             [&](const auto& path) { return std::filesystem::is_directory(path, ignored); });
}

}  // namespace clipcls
