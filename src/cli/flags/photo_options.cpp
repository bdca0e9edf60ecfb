#include "cli/flags/photo_options.h"

#include <array>
#include <map>
#include <utility>

#include "cli/flags/declaration.h"
#include "clipcls/error.h"
#include "clipcls/photos/label_folder.h"

namespace clipcls {
namespace {

constexpr const char* kGroup = "Photo libraries";

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
    {"--link", JournalAction::kHardLink, "Sort hard links: no bytes more, on the same file system"},
    {"--symlink", JournalAction::kSymbolicLink, "Sort symbolic links to where the files are"},
}};

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::kUsage, why); }

}  // namespace

void declare_photos(CommandDeclaration& app, PhotoOptions& options) {
  app.add_option("--sort-into", options.sort_into,
                 "Put each image, with the files of its name or stem, into the folder of its best\nlabel; "
                 "sorted/{label} for example. Never overwrites; writes a journal for\nclipcls undo")
      ->type_name("DIR/{label}")
      ->group(kGroup);
  for (const ActionFlag& flag : kActionFlags) {
    app.add_flag_callback(
           flag.flag, [&options, action = flag.action] { options.action = action; }, flag.help)
        ->holds([&options, action = flag.action] { return options.action == action; })
        ->group(kGroup);
  }
  app.add_flag(
         "--no-companions", options.leaves_companions,
         "Sort the images alone: leave sidecars, raw files, videos and whatever else has\nthe name or stem "
         "of an image where it is")
      ->group(kGroup);
  app.add_flag("--write-xmp", options.writes_xmp,
               "Add the best label to the keywords (dc:subject) of the image's sidecar")
      ->group(kGroup);
  app.add_choice("--xmp-name", options.sidecar_name, kSidecarNames,
                 "photo.jpg.xmp (append: darktable, digiKam; the default) or\nphoto.xmp (replace: Adobe, "
                 "Capture One)")
      ->group(kGroup);
  app.add_number("--xmp-labels", options.num_keywords, 1, 1000, "Write this many of the best labels")
      ->type_name("N")
      ->group(kGroup);
  app.add_number("--min-score", options.min_score, -1.0, 1.0,
                 "Sort by labels, and write them, only where their score is at least this")
      ->type_name("X")
      ->group(kGroup);
  app.add_flag("--dry-run", options.is_dry_run,
               "Say on standard error what would be done with the files, and do not do it")
      ->group(kGroup);
}

void validate_photos(const CommandDeclaration& app, const PhotoOptions& options, const PhotoInputs& inputs) {
  std::string action_given;
  for (const ActionFlag& flag : kActionFlags) {
    if (app.count(flag.flag) == 0) continue;
    if (!action_given.empty()) refuse(action_given + " and " + flag.flag + " exclude each other");
    action_given = flag.flag;
  }
  if (options.sort_into.empty()) {
    if (app.count("--sort-into") > 0) refuse("--sort-into: is empty; write for example sorted/{label}");
    if (!action_given.empty()) refuse(action_given + " says how --sort-into sorts, which is not given");
    if (options.leaves_companions) refuse("--no-companions belongs to --sort-into, which is not given");
  } else {
    const LabelFolder checked(options.sort_into);
    if (options.leaves_companions && options.writes_xmp && options.action == JournalAction::kMove)
      refuse("--no-companions and --move would leave the sidecars that --write-xmp writes behind");
  }
  for (const char* flag : {"--xmp-name", "--xmp-labels"}) {
    if (app.count(flag) > 0 && !options.writes_xmp)
      refuse(std::string(flag) + " belongs to --write-xmp, which is not given");
  }
  if (!options.is_needed()) {
    for (const char* flag : {"--dry-run", "--min-score"}) {
      if (app.count(flag) > 0)
        refuse(std::string(flag) + " belongs to --sort-into or --write-xmp, and neither is given");
    }
    return;
  }
  const std::string needed_by = options.sort_into.empty() ? "--write-xmp" : "--sort-into";
  if (inputs.has_standard_input) refuse(needed_by + " needs files, and '-' is an image without one");
  if (inputs.has_image_features)
    refuse(needed_by + " needs images: those of --image-features may have changed or moved since");
  if (inputs.is_resumed && !options.sort_into.empty() && options.action == JournalAction::kMove) {
    refuse(
        "--resume and --move exclude each other: a moved image is not where its row says; run it again "
        "without --resume, for the images that are left");
  }
  if (options.writes_xmp && options.num_keywords > inputs.top_k) {
    refuse("--xmp-labels " + std::to_string(options.num_keywords) + ": --top-k " +
           std::to_string(inputs.top_k) + " finds no more than that");
  }
}

CommandDeclaration* declare_undo(CommandDeclaration& app, UndoOptions& options) {
  CommandDeclaration* command = app.add_subcommand("undo", "Take back what --sort-into did, by its journal");
  command
      ->add_option("JOURNAL", options.journal,
                   "DIR/clipcls-journal-….jsonl, which --sort-into wrote; or DIR, where there is one")
      ->required()
      ->type_name("");
  command->add_flag("--dry-run", options.is_dry_run,
                    "List the files that were put somewhere, and do nothing");
  command->add_flag("-q,--quiet", options.is_quiet, "No remarks");
  command->footer(
      "Nothing is lost by it: a file that was edited since, or whose old name is taken, stays, and is\n"
      "reported. The journal goes when all is undone; no other file is taken for one.\n"
      "Exit code: 0 all is undone; 1 some files stay; 2 nothing could be done.");
  return command;
}

}  // namespace clipcls
