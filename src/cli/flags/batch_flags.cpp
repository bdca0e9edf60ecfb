#include "cli/flags/batch_flags.h"

#include "cli/flags/declaration.h"
#include "cli/help/option_groups.h"
#include "pipeline/encode_images.h"

namespace clipcls {

void BatchFlags::add(CommandDeclaration& command) {
  command.group(kInputGroup);
  add_batch_size(command, batch_size);
  command.add_flag("--fail-fast", is_fail_fast, "Stop after the first image that fails");
}

void add_batch_size(CommandDeclaration& command, std::size_t& batch_size) {
  command.add_number("--batch-size", batch_size, 1, kMaxBatchSize, "Images that are encoded together")
      ->type_name("N")
      ->group(kSpeedGroup);
}

}  // namespace clipcls
