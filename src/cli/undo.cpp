#include "undo.h"

#include <ranges>
#include <system_error>

#include "clipcls/error.h"
#include "clipcls/photos/file_journal.h"
#include "message.h"

namespace clipcls {

int undo(const UndoOptions& options) {
  const std::vector<JournalStep> steps = read_journal(options.journal);
  const auto files =
      std::views::filter([](const JournalStep& step) { return step.action != JournalAction::kMakeFolder; });
  if (options.is_dry_run) {
    for (const JournalStep& step : steps | std::views::reverse | files)
      print_message("would undo " + step.target.string() + ", from " + step.source.string());
    return 0;
  }

  std::size_t num_undone = 0;
  std::size_t num_kept = 0;
  for (const JournalStep& step : steps | std::views::reverse | files) {
    try {
      if (undo_step(step)) ++num_undone;
    } catch (const Error& error) {
      ++num_kept;
      print_message(error.what());
    }
  }
  std::error_code error;
  if (num_kept == 0) std::filesystem::remove(options.journal, error);
  if (error) throw Error(ErrorKind::kOutput, options.journal + ": cannot be removed: " + error.message());
  // After the journal, which lies in one of them.
  for (const JournalStep& step : steps | std::views::reverse) {
    if (step.action == JournalAction::kMakeFolder) undo_step(step);
  }
  if (!options.is_quiet) {
    print_message(std::to_string(num_undone) + (num_undone == 1 ? " file" : " files") + " taken back" +
                  (num_kept == 0 ? "" : ", " + std::to_string(num_kept) + " stay; the journal is kept"));
  }
  return num_kept == 0 ? 0 : 1;
}

}  // namespace clipcls
