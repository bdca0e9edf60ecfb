#include "cli/flags/labelled_source_flags.h"

#include "cli/flags/declaration.h"

namespace clipcls {

void LabelledSourceFlags::add(CommandDeclaration& command) {
  command
      .add_option(
          "DIR", source,
          "Labelled pictures: DIR/<label>/…, or a CSV file with the columns path and label, '-' being "
          "standard input")
      ->required()
      ->type_name("");
  raw.add(command);
  features.add(command, "Take the features of the pictures from this folder that clipcls embed wrote");
}

}  // namespace clipcls
