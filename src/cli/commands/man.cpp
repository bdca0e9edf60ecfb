#include "cli/commands/commands.h"
#include "cli/help/man_page.h"
#include "cli/program.h"
#include "cli/results/output_file.h"

namespace clipcls {

void add_man(Program& program) {
  CommandDeclaration& command = program.add("man", "Print the manual page: clipcls man | man -l -");
  command.runs([&program] { return print(write_man_page(program.root().describe(), CLIPCLS_VERSION)); });
}

}  // namespace clipcls
