#include "cli/commands/commands.h"
#include "cli/program.h"

namespace clipcls {

void add_version(Program& program) {
  CommandDeclaration& command = program.add("version", "Print the version, as --version does");
  command.examples({{"clipcls version", "clipcls and libtorch"}, {"clipcls -V", "the same"}});
  command.take_no_configuration();
  command.exit_codes({{0, "it is printed"}, {2, "libtorch cannot be opened"}});
  command.runs([&program] { return print(program.root().version_text()); });
}

}  // namespace clipcls
