// The journal that `clipcls undo` reads. Its lines are read, never done.
#include "fuzzer.h"
#include "photos/file_journal.h"
#include "photos/journal_line.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(file_journal) {
  const std::string file = as_file("journal.jsonl", {data, size});
  accepts(ErrorKind::kInvalidArgument, [&] {
    for (const JournalStep& step : read_journal(file).steps) {
      std::string line = write_journal_line(step);
      line.pop_back();  // its newline
      const JournalStep again = parse_journal_line(line);
      require(again.action == step.action && again.source == step.source && again.target == step.target,
              "a step that is written down and read again is the same");
    }
  });
  return 0;
}

}  // namespace clipcls
