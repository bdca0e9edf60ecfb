#include "cli/commands/commands.h"
#include "cli/help/man_page.h"
#include "cli/program.h"
#include "cli/results/output_file.h"

namespace clipcls {

void add_man(Program& program) {
  CommandDeclaration& command = program.add("man", "Print the manual page");
  command.examples({{"clipcls man | man -l -", "read it"},
                    {"clipcls man > ~/.local/share/man/man1/clipcls.1", "put it in place"}});
  command.take_no_configuration();
  command.exit_codes({{0, "it is printed"}, {2, "it could not be written"}});
  command.runs([&program] { return print(write_man_page(program.root().describe(), CLIPCLS_VERSION)); });
}

}  // namespace clipcls
