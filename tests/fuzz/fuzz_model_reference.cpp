#include <filesystem>

#include "fuzzer.h"
#include "model/model_reference.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(model_reference) {
  const std::filesystem::path file = as_file("reference.json", {data, size});
  accepts(ErrorKind::kModel, [&] {
    const ModelReference reference = read_model_reference(file.parent_path());
    require(reference.image_features.rows == reference.pictures.size(), "a row of features a picture");
    require(reference.logits.cols == reference.text_features.rows, "a column of logits a text");
  });
  return 0;
}

}  // namespace clipcls
