#include <memory>

#include "cli/commands/commands.h"
#include "cli/flags/cache_flags.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

int clear_cache(const CacheFlags& flags) {
  const LabelEmbeddingCache cache = require_cache(flags);
  const LabelEmbeddingCache::Usage removed = cache.clear();
  OutputFile output;
  output.stream() << "removed " << removed.num_entries
                  << (removed.num_entries == 1 ? " entry (" : " entries (") << removed.num_bytes
                  << " bytes) from " << printable(cache.folder().string()) << '\n';
  output.check();
  return 0;
}

}  // namespace

void add_cache_clear(Program& program) {
  CommandDeclaration& command = program.add("cache clear", "Remove all entries, and no other files");
  const auto flags = std::make_shared<CacheFlags>();
  flags->add_folder(command);
  command.examples({{"clipcls cache clear", "remove the entries of the default folder"},
                    {"clipcls cache clear --cache-dir /tmp/cache", "those of another folder"}});
  command.exit_codes({{0, "the cache is empty"}, {2, "it could not be emptied"}});
  command.runs([flags] { return clear_cache(*flags); });
}

}  // namespace clipcls
