#include "safetensors_writer.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <fstream>
#include <vector>

#include "clipcls/error.h"
#include "json/write_json.h"
#include "tensor_checksums.h"

namespace clipcls {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t size_of(const TensorForm& form) {
  std::size_t size = form.element_size;
  for (const std::int64_t side : form.shape) size *= static_cast<std::size_t>(side);
  return size;
}

/// In the order of the file, which may have no gaps: sizes that keep the alignment go first.
std::vector<std::string> order_of(const std::map<std::string, TensorForm>& tensors) {
  std::vector<std::string> names;
  names.reserve(tensors.size());
  for (const auto& [name, form] : tensors) names.push_back(name);
  const auto rank = [&](const std::string& name) {
    const TensorForm& form = tensors.at(name);
    // Behind those, larger elements first, so that each lies on a multiple of its own.
    return size_of(form) % kAlignment == 0 ? 0 : kAlignment - form.element_size;
  };
  std::ranges::stable_sort(names, {}, rank);
  return names;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorForm>& tensors,
                       const std::function<std::span<const std::byte>(const std::string& name)>& bytes_of) {
  static_assert(std::endian::native == std::endian::little, "the tensors of the file are little-endian");
  const std::vector<std::string> names = order_of(tensors);
  nlohmann::ordered_json header;
  header["__metadata__"]["format"] = "pt";  // without it transformers' reader refuses the file
  for (const std::string& name : names) header["__metadata__"][checksum_key(name)] = checksum_text(0);
  std::size_t offset = 0;
  for (const std::string& name : names) {
    const TensorForm& form = tensors.at(name);
    const std::size_t end = offset + size_of(form);
    header[name] = {{"dtype", form.dtype}, {"shape", form.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  const auto text_of_header = [&] {
    std::string text = write_json(header);
    // The format has blanks behind the header for that.
    text.append((kAlignment - (sizeof(std::uint64_t) + text.size()) % kAlignment) % kAlignment, ' ');
    return text;
  };
  const std::string draft = text_of_header();
  const std::uint64_t length = draft.size();

  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(&length), sizeof(length));
  file.write(draft.data(), static_cast<std::streamsize>(draft.size()));
  for (const std::string& name : names) {
    const std::span<const std::byte> bytes = bytes_of(name);
    header["__metadata__"][checksum_key(name)] = checksum_text(crc32_of(bytes));
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  // The header once more, now that the checksums are known; they are of one length.
  const std::string text = text_of_header();
  file.seekp(sizeof(length));
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) throw Error(ErrorKind::kOutput, path.string() + ": cannot be written; is the disk full?");
}

}  // namespace clipcls
