#include "cli/flags/photo_flags.h"

#include <array>
#include <map>
#include <utility>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"
#include "photos/label_folder.h"

namespace clipcls {
namespace {

const std::map<std::string, SidecarName> kSidecarNames = {{"append", SidecarName::kAppended},
                                                          {"replace", SidecarName::kReplaced}};

struct ActionFlag {
  const char* flag;
  JournalAction action;
  const char* help;
};

constexpr std::array<ActionFlag, 4> kActionFlags = {{
    {"--copy", JournalAction::kCopy, "Sort copies, with the date of the original: the default"},
    {"--move", JournalAction::kMove, "Sort the files themselves"},
    {"--link", JournalAction::kHardLink, "Sort hard links: no extra space, same file system only"},
    {"--symlink", JournalAction::kSymbolicLink, "Sort symbolic links to where the files are"},
}};

[[noreturn]] void refuse_photo_flags(const std::string& why) { throw Error(ErrorKind::kUsage, why); }

}  // namespace

void PhotoFlags::add(CommandDeclaration& command) {
  command.group(kPhotoGroup);
  command
      .add_option("--sort-into", sort_into,
                  "Put each image, with its raw file and other files of its name or stem, into the folder of "
                  "its best label; "
                  "sorted/{label} for example. Never overwrites; writes a journal for clipcls undo")
      ->type_name("DIR/{label}")
      ->brief("Put each picture into the folder of its best label");
  for (const ActionFlag& flag : kActionFlags) {
    command
        .add_flag_callback(
            flag.flag, [this, chosen = flag.action] { action = chosen; }, flag.help)
        ->holds([this, chosen = flag.action] { return action == chosen; });
  }
  command.add_flag(
      "--no-companions", leaves_companions,
      "Sort the images alone; leave sidecars, raw files, videos and other files with the name or "
      "stem of an image");
  command.add_flag(
      "--write-xmp", writes_xmp,
      "Add the best label to the keywords (dc:subject) of the image's sidecar, and of that of its "
      "raw file");
  command.add_choice("--xmp-name", sidecar_name, kSidecarNames,
                     "photo.jpg.xmp (append: darktable, digiKam; the default) or photo.xmp (replace: Adobe, "
                     "Capture One)");
  command.add_number("--xmp-labels", num_keywords, 1, 1000, "Write this many of the best labels")
      ->type_name("N");
  command
      .add_number("--min-score", min_score, -1.0, 1.0,
                  "Sort by, and write, only labels with at least this score")
      ->type_name("X");
  command.add_flag("--dry-run", is_dry_run, "Print what would be done with the files, and do nothing");
}

void PhotoFlags::validate(const CommandDeclaration& command, const PhotoInputs& inputs) const {
  std::string action_given;
  for (const ActionFlag& flag : kActionFlags) {
    if (command.count(flag.flag) == 0) continue;
    if (!action_given.empty()) refuse_photo_flags(action_given + " and " + flag.flag + " exclude each other");
    action_given = flag.flag;
  }
  if (sort_into.empty()) {
    if (command.count("--sort-into") > 0)
      refuse_photo_flags("--sort-into: is empty; write for example sorted/{label}");
    if (!action_given.empty())
      refuse_photo_flags(action_given + " says how --sort-into sorts, which is not given");
    if (leaves_companions) refuse_photo_flags("--no-companions belongs to --sort-into, which is not given");
  } else {
    const LabelFolder checked(sort_into);
    if (leaves_companions && writes_xmp && action == JournalAction::kMove)
      refuse_photo_flags(
          "--no-companions and --move would leave the sidecars that --write-xmp writes behind");
  }
  for (const char* flag : {"--xmp-name", "--xmp-labels"}) {
    if (command.count(flag) > 0 && !writes_xmp)
      refuse_photo_flags(std::string(flag) + " belongs to --write-xmp, which is not given");
  }
  if (!is_needed()) {
    for (const char* flag : {"--dry-run", "--min-score"}) {
      if (command.count(flag) > 0)
        refuse_photo_flags(std::string(flag) +
                           " belongs to --sort-into or --write-xmp, and neither is given");
    }
    return;
  }
  if (writes_xmp && std::filesystem::path(inputs.output).extension() == ".xmp") {
    refuse_photo_flags("--output " + inputs.output +
                       ": may be a sidecar, which --write-xmp writes keywords into; give it another ending");
  }
  const std::string needed_by = sort_into.empty() ? "--write-xmp" : "--sort-into";
  if (inputs.has_standard_input)
    refuse_photo_flags(needed_by + " needs files, and '-' is an image without one");
  if (inputs.has_image_features)
    refuse_photo_flags(needed_by +
                       " needs images: those of --image-features may have changed or moved since");
  if (inputs.is_resumed && !sort_into.empty() && action == JournalAction::kMove) {
    refuse_photo_flags(
        "--resume and --move exclude each other: a moved image is not where its row says; run it again "
        "without --resume, for the images that are left");
  }
  if (inputs.may_part_pairs && !sort_into.empty()) {
    refuse_photo_flags(
        "--sort-into keeps a raw file and its JPEG together, which --shard with --raw-pairs both would part; "
        "leave out --raw-pairs");
  }
  if (writes_xmp && num_keywords > inputs.top_k) {
    refuse_photo_flags("--xmp-labels " + std::to_string(num_keywords) + ": --top-k " +
                       std::to_string(inputs.top_k) + " finds no more than that");
  }
}

}  // namespace clipcls
