#include "cli/program.h"

#include <array>
#include <exception>
#include <map>
#include <new>
#include <set>
#include <string>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/help/exit_codes.h"
#include "cli/results/output_file.h"
#include "cli/terminal/message.h"
#include "cli/terminal/resume_command.h"
#include "clipcls/error.h"
#include "model/torch_library.h"

namespace clipcls {
namespace {

using AddCommand = void (*)(Program&);

// In the order of --help. A new command is one line here and one file in commands.
constexpr auto kCommands = std::to_array<AddCommand>({
  add_classify,
#if CLIPCLS_WITH_SERVE
      add_serve,
#endif
      add_embed, add_tokenize,
#if CLIPCLS_WITH_EVALUATION
      add_eval, add_calibrate,
#endif
      add_labels_check, add_labels_list, add_labels_show, add_model_verify, add_model_import, add_model_info,
      add_model_list,
#if CLIPCLS_WITH_FETCH
      add_model_fetch,
#endif
      add_cache_info, add_cache_clear,
#if CLIPCLS_WITH_PHOTOS
      add_undo,
#endif
      add_formats, add_doctor, add_completion, add_man, add_version, add_help,
});

// Words that are commands elsewhere. They are no pictures here either: a script that was written for another
// build is to hear what is missing. Of a group's commands the group says it.
const std::set<std::string> kLeftOut = {
#if !CLIPCLS_WITH_SERVE
    "serve",
#endif
#if !CLIPCLS_WITH_EVALUATION
    "eval",
    "calibrate",
#endif
#if !CLIPCLS_WITH_PHOTOS
    "undo",
#endif
};

const std::map<std::string, std::string> kGroups = {
    {"labels", "Label lists: check, list, show"},
    {"model", "Models: fetch, import, info, list, verify"},
    {"cache", "Cached label embeddings: info, clear"},
};

/// A command that says its own exit codes: those of the program are about images.
CommandDeclaration& add_under(CommandDeclaration& parent, const std::string& name, const std::string& help) {
  CommandDeclaration& command = *parent.add_subcommand(name, help);
  command.exit_codes(plain_exit_codes());
  return command;
}

}  // namespace

Program::Program()
    : root_("clipcls", "Zero-shot image classification with CLIP: ranks your labels for each image.") {
  root_.add_version([] { return "clipcls " CLIPCLS_VERSION " (libtorch " + torch_version() + ")"; });
  for (const AddCommand add_command : kCommands) add_command(*this);
  root_.take_configuration();
}

CommandDeclaration& Program::group(const std::string& name) {
  if (CommandDeclaration* const known = root_.find_subcommand(name)) return *known;
  return add_under(root_, name, kGroups.at(name));
}

CommandDeclaration& Program::add(const std::string& name, const std::string& help) {
  const std::size_t blank = name.find(' ');
  if (blank == std::string::npos) return add_under(root_, name, help);
  return add_under(group(name.substr(0, blank)), name.substr(blank + 1), help);
}

int Program::run(int argc, const char* const* argv) {
  note_command(argc, argv);
  if (argc > 1 && kLeftOut.contains(argv[1]))
    throw Error(ErrorKind::kUsage, std::string("this clipcls was built without the command ") + argv[1]);
  const ParsedWords parsed = root_.parse(argc, argv);
  if (parsed.text) return print(*parsed.text);
  try {
    return parsed.command->run();
  } catch (const Error& error) {
    // A value that nobody has typed: say where it is.
    const std::string preset = say_preset(parsed.command->configuration().presets, error.what());
    if (preset.empty()) throw;
    throw Error(error.kind(), error.what() + preset);
  }
}

int print(const std::string& text) {
  OutputFile output;
  output.stream() << text;
  output.check();
  return 0;
}

int report_exception() {
  try {
    throw;
  } catch (const Error& error) {
    print_failure(error.what());
  } catch (const std::bad_alloc&) {
    print_failure("out of memory; use fewer labels, a smaller --batch-size or fewer --threads");
  } catch (const std::system_error& error) {  // what the system refused
    print_failure(error.what());
  } catch (const std::exception& error) {
    print_failure(std::string("internal error: ") + error.what());
  }
  return kNothingDone;
}

}  // namespace clipcls
