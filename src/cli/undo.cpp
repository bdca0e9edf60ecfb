#include "undo.h"

#include <algorithm>
#include <system_error>

#include "clipcls/error.h"
#include "clipcls/photos/file_journal.h"
#include "message.h"

namespace clipcls {
namespace {

bool is_folder(const JournalStep& step) { return step.action == JournalAction::kMakeFolder; }

}  // namespace

int undo(const UndoOptions& options) {
  std::vector<JournalStep> steps = read_journal(options.journal);
  std::ranges::reverse(steps);
  if (options.is_dry_run) {
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
  std::error_code error;
  if (num_kept == 0) std::filesystem::remove(options.journal, error);
  if (error) throw Error(ErrorKind::kOutput, options.journal + ": cannot be removed: " + error.message());
  // After the journal, which lies in one of them.
  for (const JournalStep& step : steps) {
    if (is_folder(step)) undo_step(step);
  }
  if (!options.is_quiet) {
    print_message(std::to_string(num_undone) + (num_undone == 1 ? " file" : " files") + " taken back" +
                  (num_kept == 0 ? "" : ", " + std::to_string(num_kept) + " stay; the journal is kept"));
  }
  return num_kept == 0 ? 0 : 1;
}

}  // namespace clipcls
