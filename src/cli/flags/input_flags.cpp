#include "cli/flags/input_flags.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "cli/terminal/message.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

/// "no image in photos, list.txt"
std::string no_image_message(const InputFlags& flags) {
  constexpr std::size_t kMaxNamed = 3;
  std::vector<std::string> inputs = flags.images;
  if (!flags.files_from.empty()) inputs.push_back("the list " + flags.files_from);
  std::string names;
  for (std::size_t i = 0; i < std::min(inputs.size(), kMaxNamed); ++i)
    names += (i == 0 ? "" : ", ") + inputs[i];
  if (inputs.size() > kMaxNamed) names += " and " + std::to_string(inputs.size() - kMaxNamed) + " more";
  return "no image in " + names + "; is its disk mounted? To accept an empty input, add --allow-empty";
}

}  // namespace

void InputFlags::add(CommandDeclaration& command) {
  command.group(kInputGroup);
  command
      .add_option("IMAGE", images,
                  "Image files, folders of them, and pipes such as <(command); '-' reads one image from "
                  "standard input")
      ->type_name("");
  command
      .add_option("-T,--files-from", files_from,
                  "Take the files of this list, one path a line; '-' is standard input")
      ->type_name("FILE")
      ->brief("Take the files of this list, - is standard input");
  command.add_flag("-0,--null", is_nul_separated,
                   "The list's paths end in a NUL byte, as find -print0 writes them");
  command.add_flag("-r,--recursive", is_recursive, "Search folders recursively")
      ->brief("Search folders recursively");
  command
      .add_option("--exclude", excluded,
                  "Leave out of folders what matches: '*_thumb.jpg' names, 'trips/*.png' paths in the "
                  "folder, 'raw/' folders; repeats")
      ->type_name("GLOB");
  raw.add(command);
  command
      .add_option(
          "--shard", [this](const std::string& text) { shard = parse_shard(text); },
          [this] { return std::to_string(shard.index) + "/" + std::to_string(shard.num_shards); },
          "Process every Nth image, starting with the Ith: one of N runs that split the work")
      ->type_name("I/N");
  command.add_flag("--allow-empty", allows_empty,
                   "Accept that there are no images; else this is an error, since a disk may not be mounted");
}

void InputFlags::validate() const {
  if (images.empty() && files_from.empty()) {
    throw Error(ErrorKind::kUsage,
                "no image given; try clipcls image.jpg --labels cifar100, or clipcls --help");
  }
  std::error_code ignored;
  for (const std::string& image : images) {
    const bool is_address = image.starts_with("https://") || image.starts_with("http://");
    if (is_address && !std::filesystem::exists(image, ignored)) {
      throw Error(ErrorKind::kUsage, image + ": is an address, not a file; write curl -fsSL " +
                                         shell_word(image) + " | clipcls - …");
    }
  }
  if (is_nul_separated && files_from.empty())
    throw Error(ErrorKind::kUsage, "-0 describes the list of --files-from, which is not given");
}

NamedInputs InputFlags::inputs() const {
  NamedInputs inputs;
  for (const std::string& image : images) inputs.emplace_back(kImageInput, image);
  inputs.emplace_back("--files-from", files_from);
  return inputs;
}

std::unique_ptr<ImageSource> open_images(const InputFlags& flags, bool is_quiet, const OutputTarget* output) {
  FolderOptions folders{
      .is_recursive = flags.is_recursive, .raw_files = flags.raw.raw_files(), .excluded = flags.excluded};
  if (!is_quiet) folders.on_warning = print_warning;
  std::unique_ptr<ImageSource> images = make_path_source(flags.images, std::move(folders));
  if (!flags.files_from.empty()) {
    images = make_source_chain(std::move(images), open_path_list(flags.files_from, flags.is_nul_separated));
  }
  if (output != nullptr) {
    images = watch_images(std::move(images), [target = *output](const ImageInput& input) {
      if (!input.error) target.require_is_not(input.is_standard_input ? "-" : input.path);
    });
  }
  if (!flags.allows_empty) images = require_an_image(std::move(images), no_image_message(flags));
  return flags.shard.num_shards == 1 ? std::move(images) : take_shard(std::move(images), flags.shard);
}

std::function<std::unique_ptr<ImageSource>()> opener_for_counting(const InputFlags& flags) {
  std::error_code ignored;
  if (!flags.files_from.empty() && !std::filesystem::is_regular_file(flags.files_from, ignored)) return {};
  return [flags] { return open_images(flags, /*is_quiet=*/true, nullptr); };
}

bool may_be_several(const InputFlags& flags) {
  std::error_code ignored;
  return flags.images.size() > 1 || !flags.files_from.empty() ||
         std::ranges::any_of(flags.images,
                             [&](const auto& path) { return std::filesystem::is_directory(path, ignored); });
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

}  // namespace clipcls
