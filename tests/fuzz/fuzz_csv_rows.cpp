// The table of `clipcls eval --labels-csv`.
#include "cli/csv_rows.h"
#include "fuzzer.h"

namespace clipcls {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file = as_file("rows.csv", {data, size});
  accepts(ErrorKind::kUsage, [&] {
    for (const CsvRow& row : read_csv_rows(file)) require(!row.cells.empty(), "a row has a cell");
  });
  return 0;
}

}  // namespace clipcls
