#pragma once

#include <ATen/core/Tensor.h>
#include <memory>
#include <span>

#include "files/mapped_file.h"

namespace clipcls {

/// `bytes`, a part of `file`, as the memory of tensors: the file stays mapped as long as one of them lives,
/// and the pages are given back with the last. Not resizable: a tensor must not grow beyond its part. Whoever
/// uses such a tensor reads it only.
c10::Storage mapped_storage(std::shared_ptr<MappedFile> file, std::span<std::byte> bytes);

/// Gives back the pages that a tensor of a mapped storage lies in, for it was copied and is rarely read
/// again; then it is read from the file anew. Does nothing where the tensor lies elsewhere.
void give_pages_back(const at::Tensor& tensor);

}  // namespace clipcls
