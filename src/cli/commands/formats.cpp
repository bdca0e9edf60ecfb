#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/print_list.h"
#include "cli/program.h"
#include "image/decode_image.h"
#include "image/decode_sandbox.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

int print_formats(DocumentFormat format) {
  ordered_json document = ordered_json::array();
  std::vector<std::vector<std::string>> rows = {{"FORMAT", "READ BY", "VERSION", "SANDBOX"}};
  bool is_all_read = true;
  const bool has_sandbox = try_decode_sandbox().empty();
  for (const PictureFormat& picture : picture_formats()) {
    const bool is_read = picture.problem.empty();
    is_all_read = is_all_read && is_read;
    const std::string sandbox = !is_read               ? ""
                                : !has_sandbox         ? "none here"
                                : picture.is_sandboxed ? "always"
                                                       : "in serve";
    document.push_back({{"format", picture.name},
                        {"is_read", is_read},
                        {"library", picture.library},
                        {"version", text_or_null(picture.version)},
                        {"package", text_or_null(picture.package)},
                        {"problem", text_or_null(picture.problem)},
                        {"sandbox", text_or_null(sandbox)}});
    rows.push_back({std::string(picture.name), std::string(picture.library),
                    is_read ? picture.version : "missing: install " + picture.package, sandbox});
  }
  print_list(format, document, rows);
  return is_all_read ? 0 : 1;
}

}  // namespace

void add_formats(Program& program) {
  CommandDeclaration& command =
      program.add("formats", "Print the picture formats that are read here, and the library that reads each");
  const auto format = std::make_shared<DocumentFormat>(DocumentFormat::kText);
  command.add_choice("-f,--format", *format, kDocumentFormats, "Output format; default: text");
  command.examples({{"clipcls formats", "what is read, and what to install for the rest"},
                    {"clipcls formats -f json | jq -r '.[] | select(.is_read | not) | .package'",
                     "the packages that are missing"}});
  command.exit_codes({{0, "all formats are read"},
                      {1, "a library is missing: its row names the package"},
                      {2, "they could not be written"}});
  command.runs([format] { return print_formats(*format); });
}

}  // namespace clipcls
