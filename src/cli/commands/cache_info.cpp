#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/flags/cache_flags.h"
#include "cli/flags/document_format.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "json/write_json.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

struct CacheInfoFlags {
  CacheFlags cache;
  DocumentFormat format = DocumentFormat::kText;
};

int print_cache_info(const CacheInfoFlags& flags) {
  const LabelEmbeddingCache cache = require_cache(flags.cache);
  const LabelEmbeddingCache::Usage usage = cache.usage();
  OutputFile output;
  if (flags.format == DocumentFormat::kJson) {
    const nlohmann::ordered_json info = {{"folder", cache.folder().string()},
                                         {"num_entries", usage.num_entries},
                                         {"num_bytes", usage.num_bytes},
                                         {"max_bytes", cache.max_bytes()}};
    output.stream() << write_json(info) << '\n';
  } else {
    output.stream() << "folder:  " << printable(cache.folder().string()) << "\nentries: " << usage.num_entries
                    << "\nbytes:   " << usage.num_bytes << "\nlimit:   " << cache.max_bytes() << '\n';
  }
  output.check();
  return 0;
}

}  // namespace

void add_cache_info(Program& program) {
  CommandDeclaration& command =
      program.add("cache info", "Print the folder, the number of entries, their bytes and the limit");
  const auto flags = std::make_shared<CacheInfoFlags>();
  flags->cache.add_folder(command);
  flags->cache.add_size(command);
  command.add_choice("-f,--format", flags->format, kDocumentFormats, "Output format; default: text");
  command.examples({{"clipcls cache info", "the folder, and how full it is"},
                    {"clipcls cache info -f json", "for a program"}});
  command.exit_codes({{0, "it is printed"}, {2, "there is no cache folder"}});
  command.runs([flags] { return print_cache_info(*flags); });
}

}  // namespace clipcls
