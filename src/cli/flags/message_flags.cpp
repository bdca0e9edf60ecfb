#include "cli/flags/message_flags.h"

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "clipcls/error.h"

namespace clipcls {

void MessageFlags::add(CommandDeclaration& command, const std::string& quiet_help) {
  command.group(kGeneralGroup);
  command.add_flag("-q,--quiet", is_quiet, quiet_help);
  add_verbose(command);
}

void MessageFlags::add_verbose(CommandDeclaration& command) {
  command.group(kGeneralGroup);
  command.add_flag("-v,--verbose", is_verbose, "Print model, precision and cache use to standard error");
}

void MessageFlags::validate() const {
  if (is_quiet && is_verbose) throw Error(ErrorKind::kUsage, "--quiet and --verbose exclude each other");
}

}  // namespace clipcls
