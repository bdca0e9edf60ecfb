#include "cli/commands/print_list.h"

#include "cli/results/output_file.h"
#include "json/write_json.h"
#include "text_output/text_table.h"

namespace clipcls {

void print_list(DocumentFormat format, const nlohmann::ordered_json& document,
                const std::vector<std::vector<std::string>>& rows) {
  OutputFile output;
  if (format == DocumentFormat::kJson) {
    output.stream() << write_json(document, 1) << '\n';
  } else {
    write_text_table(output.stream(), rows);
  }
  output.check();
}

}  // namespace clipcls
