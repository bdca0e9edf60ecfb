// The table of `clipcls eval --labels-csv`.
#include "files/csv.h"
#include "fuzzer.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(csv_rows) {
  const std::string file = as_file("rows.csv", {data, size});
  accepts(ErrorKind::kInvalidArgument, [&] {
    for (const CsvRow& row : read_csv_rows(file)) require(!row.cells.empty(), "a row has a cell");
  });
  return 0;
}

}  // namespace clipcls
