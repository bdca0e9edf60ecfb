#include "cli/flags/raw_flags.h"

#include <map>
#include <string>

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"

namespace clipcls {
namespace {

const std::map<std::string, bool> kPairWords = {{"one", false}, {"both", true}};

}  // namespace

void RawFlags::add(CommandDeclaration& command) {
  command.group(kInputGroup);
  command.add_choice("--raw-pairs", are_pairs_two, kPairWords,
                     "What a raw file and the JPEG or HEIC of its name in a folder are: one image, the "
                     "latter, or both; default: one");
  command.add_flag("--no-raw", are_left_out, "Leave cameras' raw files out of folders")
      ->excludes("--raw-pairs");
}

RawFiles RawFlags::raw_files() const {
  if (are_left_out) return RawFiles::kNone;
  return are_pairs_two ? RawFiles::kAll : RawFiles::kUnlessDeveloped;
}

}  // namespace clipcls
