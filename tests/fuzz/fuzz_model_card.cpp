// The README.md of a published model, of which the licence is read.
#include <filesystem>

#include "fuzzer.h"
#include "model/checkpoint/model_card.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(model_card) {
  const std::filesystem::path file = as_file("README.md", {data, size});
  const std::string license = read_card_license(file.parent_path());
  // It goes into config.json and onto terminals.
  require(license.size() <= 100, "a licence is a name");
  for (const char c : license) require(c > ' ' && c <= '~', "a licence has plain letters alone");
  return 0;
}

}  // namespace clipcls
