// The embedding.json of a folder of image features.
#include "fuzzer.h"
#include "pipeline/embedding_info.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(embedding_info) {
  const std::string file = as_file("embedding.json", {data, size});
  accepts(ErrorKind::kFeatures, [&] {
    const EmbeddingInfo info = read_embedding_info(file);
    const std::string text = write_embedding_info(info);
    const EmbeddingInfo again = read_embedding_info(
        as_file("again.json", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
    require(again.model == info.model && again.num_images == info.num_images, "it is read back as it was");
  });
  return 0;
}

}  // namespace clipcls
