#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/program.h"
#include "cli/terminal/message.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"
#include "photos/file_journal.h"

namespace clipcls {
namespace {

struct UndoFlags {
  std::string journal;  ///< or the folder that it lies in
  bool is_dry_run = false;
  bool is_quiet = false;
};

bool is_folder(const JournalStep& step) { return step.action == JournalAction::kMakeFolder; }

/// The journal that is meant: of a folder the one that lies in it. Throws Error (kUsage) that lists those
/// there are, the newest first.
std::filesystem::path find_journal(const std::string& given) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(given, ignored)) return given;
  const std::vector<std::filesystem::path> journals = journals_in(given);
  if (journals.size() == 1) return journals.front();
  if (journals.empty())
    throw Error(ErrorKind::kUsage,
                given + ": is a folder without a journal of clipcls's; nothing was touched");
  constexpr std::size_t kMaxListed = 10;
  std::string list;
  const std::size_t num_listed = std::min(journals.size(), kMaxListed);
  std::for_each(journals.rbegin(), journals.rbegin() + static_cast<std::ptrdiff_t>(num_listed),
                [&](const std::filesystem::path& journal) {
                  list += (list.empty() ? "" : ", ") + shell_word(journal.filename().string());
                });
  if (journals.size() > kMaxListed) list += ", …";
  throw Error(ErrorKind::kUsage, given + ": has " + std::to_string(journals.size()) +
                                     " journals; give one, the newest first: " + list);
}

/// Takes back what a journal tells of, the last step first.
int undo(const UndoFlags& flags) {
  KeptJournal journal(find_journal(flags.journal));
  journal.claim();
  JournalContent content = journal.read();
  std::vector<JournalStep>& steps = content.steps;
  std::ranges::reverse(steps);
  if (content.torn_line_number > 0) {
    print_warning(journal.path().string() + ":" + std::to_string(content.torn_line_number) +
                  ": is cut short, by a crash; its step was not begun");
  }
  if (flags.is_dry_run) {
    for (const JournalStep& step : steps) {
      if (!is_folder(step))
        print_message("would undo " + step.target.string() + ", from " + step.source.string());
    }
    return 0;
  }

  std::size_t num_undone = 0;
  std::size_t num_kept = 0;
  for (const JournalStep& step : steps) {
    if (is_folder(step)) continue;
    try {
      if (undo_step(step)) ++num_undone;
    } catch (const Error& error) {
      ++num_kept;
      print_message(error.what());
    }
  }
  if (num_kept == 0) journal.remove();
  // After the journal, which lies in one of them.
  for (const JournalStep& step : steps) {
    if (is_folder(step)) undo_step(step);
  }
  if (!flags.is_quiet) {
    print_message(std::to_string(num_undone) + (num_undone == 1 ? " file" : " files") + " taken back" +
                  (num_kept == 0 ? "" : ", " + std::to_string(num_kept) + " stay; the journal is kept"));
  }
  return num_kept == 0 ? 0 : 1;
}

}  // namespace

void add_undo(Program& program) {
  CommandDeclaration& command = program.add("undo", "Undo what --sort-into did, by its journal");
  const auto flags = std::make_shared<UndoFlags>();
  command
      .add_option("JOURNAL", flags->journal,
                  "DIR/clipcls-journal-….jsonl, which --sort-into wrote; or DIR, if it holds one")
      ->required()
      ->type_name("");
  command.add_flag("--dry-run", flags->is_dry_run, "List what would be undone, and do nothing");
  command.add_flag("-q,--quiet", flags->is_quiet, "No remarks");
  command.footer(
      "No file is lost: one that was edited since, or whose old name is taken, stays and is reported. The "
      "journal is removed when everything is undone.");
  command.examples({{"clipcls undo sorted --dry-run", "what would be undone"},
                    {"clipcls undo sorted", "the files are where they were"}});
  command.exit_codes({{0, "all is undone"}, {1, "some files stay"}, {2, "nothing could be done"}});
  command.runs([flags] { return undo(*flags); });
}

}  // namespace clipcls
