// Weights come as safetensors, or as a pickle in a zip file (torch.save). Both are mapped, and neither runs
// code.
#include "weights_file.h"

#include <ATen/ops/empty.h>
#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "checkpoint/pickled_state_dict.h"
#include "checkpoint/safetensors.h"
#include "clipcls/error.h"
#include "error_reason.h"
#include "files/mapped_file.h"
#include "mapped_archive.h"
#include "mapped_storage.h"
#include "model_error.h"

namespace clipcls {
namespace {

// The first byte of a pickle, and of torch.save's files before torch 1.6.
constexpr unsigned char kPickleMark = 0x80;
constexpr std::size_t kMaxByteOrder = 16;  // letters of the word that are worth printing

const std::map<std::string, at::ScalarType> kSafetensorsTypes = {
    {"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf},  {"BF16", at::kBFloat16},
    {"I64", at::kLong},   {"I32", at::kInt},   {"I16", at::kShort}, {"I8", at::kChar},
    {"U8", at::kByte},    {"BOOL", at::kBool}};

const std::map<std::string, at::ScalarType> kStorageTypes = {
    {"DoubleStorage", at::kDouble},     {"FloatStorage", at::kFloat}, {"HalfStorage", at::kHalf},
    {"BFloat16Storage", at::kBFloat16}, {"LongStorage", at::kLong},   {"IntStorage", at::kInt},
    {"ShortStorage", at::kShort},       {"CharStorage", at::kChar},   {"ByteStorage", at::kByte},
    {"BoolStorage", at::kBool}};

at::ScalarType find_type(const std::map<std::string, at::ScalarType>& types, const std::string& word,
                         const std::string& name) {
  const auto found = types.find(word);
  if (found == types.end())
    fail("tensor " + name + " holds " + word + ", which is not read; expected F32, F16 or BF16");
  return found->second;
}

/// The record of a storage, which must have the size that the pickle says.
c10::Storage read_storage(MappedArchive& archive, const PickledTensor& tensor, const std::string& name,
                          at::ScalarType type) {
  const std::string record = "data/" + tensor.storage_key;
  if (!archive.reader().hasRecord(record))
    fail("tensor " + name + " lies in " + record + ", which the file does not have");
  const std::size_t num_bytes = archive.reader().getRecordSize(record);
  // The size in the pickle is a claim; a tensor that reaches behind its record would read foreign memory.
  const auto expected = static_cast<std::uint64_t>(tensor.storage_size) * c10::elementSize(type);
  if (tensor.storage_size < 0 || num_bytes != expected) {
    fail("tensor " + name + " lies in " + record + " of " + std::to_string(num_bytes) + " bytes, expected " +
         std::to_string(expected));
  }
  return archive.storage(record);
}

void read_pickle_file(const std::filesystem::path& path, StateDict& state_dict) {
  MappedArchive archive(path);
  if (archive.reader().hasRecord("byteorder")) {
    const std::string order = archive.text("byteorder");
    if (order != "little") {
      fail("has numbers in the byte order \"" + order.substr(0, kMaxByteOrder) + "\", expected little");
    }
  }
  // Parsed by our own reader of state dicts: unpickling as Python does it can run any code.
  const std::string pickle = archive.text("data.pkl");
  // First all names and views are checked, then storages are mapped.
  const auto tensors = parse_pickled_state_dict(std::as_bytes(std::span(pickle)));
  // Tied weights are two tensors of one storage, which is mapped once.
  std::map<std::string, c10::Storage> storages;
  for (const auto& [name, tensor] : tensors) {
    const at::ScalarType type = find_type(kStorageTypes, tensor.storage_type, name);
    auto found = storages.find(tensor.storage_key);
    if (found == storages.end()) {
      found = storages.emplace(tensor.storage_key, read_storage(archive, tensor, name, type)).first;
    } else if (found->second.nbytes() !=
               static_cast<std::uint64_t>(tensor.storage_size) * c10::elementSize(type)) {
      fail("tensor " + name + " has another view of the size of data/" + tensor.storage_key +
           " than a tensor before it");
    }
    state_dict.put(name,
                   at::empty({0}, type).set_(found->second, tensor.offset, tensor.shape, tensor.strides));
  }
}

bool looks_like_safetensors(const std::filesystem::path& path, std::span<const char> start) {
  if (path.extension() == ".safetensors") return true;
  std::uint64_t length = 0;
  if (start.size() < sizeof(length) + 1) return false;
  std::memcpy(&length, start.data(), sizeof(length));
  std::error_code ignored;
  // A safetensors file begins with the header's length in 8 bytes, then its JSON.
  return start[sizeof(length)] == '{' && length < std::filesystem::file_size(path, ignored);
}

}  // namespace

void read_safetensors_file(const std::filesystem::path& path, StateDict& state_dict) {
  const auto file = std::make_shared<MappedFile>(path, MappedFile::Access::kWrite, ErrorKind::kModel);
  const Safetensors parsed = parse_safetensors(file->bytes());
  for (const auto& [name, stored] : parsed.tensors) {
    const at::ScalarType type = find_type(kSafetensorsTypes, stored.dtype, name);
    const std::size_t element = c10::elementSize(type);
    // The format asks for no alignment: the header may have any length.
    if (reinterpret_cast<std::uintptr_t>(stored.bytes.data()) % element != 0) {
      const at::Tensor aligned = at::empty(stored.shape, type);
      std::memcpy(aligned.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
      state_dict.put(name, aligned);
      continue;
    }
    state_dict.put(name, at::empty({0}, type).set_(mapped_storage(file, stored.bytes), 0, stored.shape));
  }
}

WeightsFile recognize_weights_file(const std::filesystem::path& path) {
  std::error_code ignored;
  // A pipe would wait for its writer: it is never opened.
  if (!std::filesystem::is_regular_file(path, ignored)) fail("is not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot be read; check its permissions");
  std::array<char, 9> buffer{};
  file.read(buffer.data(), buffer.size());
  const std::span<const char> start(buffer.data(), static_cast<std::size_t>(file.gcount()));
  // By the first bytes, which every kind has its own of; safetensors has no magic and goes by its form.
  if (looks_like_safetensors(path, start)) return WeightsFile::kSafetensors;
  if (!start.empty() && static_cast<unsigned char>(start[0]) == kPickleMark) return WeightsFile::kOldPickle;
  if (start.size() < 2 || start[0] != 'P' || start[1] != 'K') return WeightsFile::kOther;
  try {
    MappedArchive archive(path);
    // Both kinds have a data.pkl; only TorchScript has constants.
    if (archive.reader().hasRecord("constants.pkl")) return WeightsFile::kTorchScript;
    if (archive.reader().hasRecord("data.pkl")) return WeightsFile::kPickle;
  } catch (const c10::Error&) {
    // Its message is miniz's guess at the reason.
  }
  return WeightsFile::kOtherZip;
}

void read_weights_file(const std::filesystem::path& path, StateDict& state_dict) {
  switch (recognize_weights_file(path)) {
    case WeightsFile::kSafetensors:
      return read_safetensors_file(path, state_dict);
    case WeightsFile::kPickle:
      try {
        return read_pickle_file(path, state_dict);
      } catch (const c10::Error& error) {
        fail("cannot be read: " + reason(error));
      }
    case WeightsFile::kTorchScript:
      fail("is a TorchScript archive in place of a checkpoint's weights");
    case WeightsFile::kOldPickle:
      fail(
          "is a Python checkpoint in the format of torch before 1.6; load it with torch.load and save it "
          "with torch.save, or export it with scripts/export_torchscript.py --checkpoint");
    case WeightsFile::kOtherZip:
      fail("is not a checkpoint: a zip file that is truncated, or that has something else in it");
    case WeightsFile::kOther:
      break;
  }
  fail("is neither a safetensors file nor a zip file of torch.save");
}

}  // namespace clipcls
