#include "cli/flags/feature_flags.h"

#include <vector>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"

namespace clipcls {

void FeatureFlags::add(CommandDeclaration& command, const std::string& help) {
  command.group(kInputGroup);
  command.add_option("--image-features", image_features, help)->type_name("DIR");
}

void FeatureFlags::validate(const CommandDeclaration& command, bool reads_pictures) const {
  if (!are_given()) return;
  std::vector<const char*> flags = {"--recursive", "--shard",       "--draft", "--batch-size", "--fail-fast",
                                    "--page",      "--resize-mode", "--via",   "--via-or-here"};
  if (!reads_pictures)
    flags.insert(flags.end(), {"--no-exif-rotation", "--max-megapixels", "--background", "--16-bit",
                               "--accept-truncated"});
  for (const char* flag : flags) {
    if (command.count(flag) > 0) {
      throw Error(ErrorKind::kUsage,
                  std::string(flag) + " cannot be used with --image-features: no images are read");
    }
  }
}

}  // namespace clipcls
