// The format: the length of the header (8 bytes, little-endian), the header, and the tensors' bytes. The
// header is JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …, "__metadata__":
// {…}}.
#include "safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "clipcls/error.h"
#include "json/json_depth.h"
#include "json/write_json.h"
#include "model_error.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // of the format itself
constexpr int kMaxDepth = 3;                            // header, tensor, shape

// Bytes of one element; the types that are narrower than a byte are not here.
const std::map<std::string, std::uint64_t> kDtypeBytes = {
    {"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"I64", 8}, {"I32", 4},
    {"I16", 2}, {"I8", 1},  {"U64", 8}, {"U32", 4},  {"U16", 2},     {"U8", 1},      {"BOOL", 1}};

json parse_header(const char* text, std::size_t length) {
  std::set<std::string> names;
  // Before parsing, as the parser recurses.
  if (is_nested_too_deeply({text, length}, kMaxDepth))
    fail("is not a safetensors file: its header is nested too deeply");
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    // nlohmann keeps the last of two equal keys; two tensors of one name are a lie about one of them.
    if (event == json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second) {
      fail("tensor " + show_json(parsed) + " is in the header twice");
    }
    return true;
  };
  try {
    return json::parse(text, text + length, check);
  } catch (const json::parse_error& error) {
    fail("is not a safetensors file: its header is not valid JSON at byte " + std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    fail("is not a safetensors file: its header has a number that is too large");
  }
}

/// `value` as a number from 0 on; anything else is named.
std::uint64_t natural_number(const json& value, const std::string& what) {
  // Beyond this, products and sums of a few such numbers could wrap.
  constexpr std::uint64_t kMax = std::uint64_t{1} << 48U;
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMax) {
    fail(what + " is " + show_json(value) + ", not a size");
  }
  return value.get<std::uint64_t>();
}

const json& field(const json& tensor, const std::string& name, const char* key) {
  const auto found = tensor.find(key);
  if (found == tensor.end()) fail("tensor " + name + " has no " + key + " in the header");
  return *found;
}

StoredTensor parse_tensor(const std::string& name, const json& tensor, std::span<std::byte> data) {
  if (!tensor.is_object())
    fail("tensor " + name + " is " + show_json(tensor) + " in the header, not an object");
  const json& dtype = field(tensor, name, "dtype");
  const auto element = dtype.is_string() ? kDtypeBytes.find(dtype.get<std::string>()) : kDtypeBytes.end();
  if (element == kDtypeBytes.end())
    fail("tensor " + name + " has dtype " + show_json(dtype) + ", which is unknown");

  StoredTensor stored{element->first, {}, {}};
  const json& shape = field(tensor, name, "shape");
  if (!shape.is_array()) fail("tensor " + name + " has shape " + show_json(shape) + ", not a list of sizes");
  std::uint64_t num_bytes = element->second;
  bool is_too_large = false;
  for (const json& value : shape) {
    const std::uint64_t size = natural_number(value, "tensor " + name + ": a size of its shape");
    // Sizes may be up to 2^48 each, and a product of them wraps around.
    is_too_large = is_too_large || (size != 0 && num_bytes > UINT64_MAX / size);
    num_bytes *= size;
    stored.shape.push_back(static_cast<std::int64_t>(size));
  }

  const json& offsets = field(tensor, name, "data_offsets");
  if (!offsets.is_array() || offsets.size() != 2) {
    fail("tensor " + name + " has data_offsets " + show_json(offsets) + ", not a begin and an end");
  }
  // Offsets count from the end of the header.
  const std::uint64_t begin =
      natural_number(offsets[0], "tensor " + name + ": the begin of its data_offsets");
  const std::uint64_t end = natural_number(offsets[1], "tensor " + name + ": the end of its data_offsets");
  if (begin > end || end > data.size()) {
    fail("tensor " + name + " has data_offsets " + show_json(offsets) + ", and the file has " +
         std::to_string(data.size()) + " bytes of tensors: it is truncated, or the header lies");
  }
  if (is_too_large || end - begin != num_bytes) {
    fail("tensor " + name + " has " + std::to_string(end - begin) + " bytes, and its dtype " + stored.dtype +
         " and shape " + to_text(stored.shape) + " ask for " +
         (is_too_large ? "more than any file has" : std::to_string(num_bytes)));
  }
  stored.bytes = data.subspan(begin, end - begin);
  return stored;
}

/// Every byte behind the header belongs to exactly one tensor.
void check_layout(const std::map<std::string, StoredTensor>& tensors, std::span<std::byte> data) {
  std::vector<const std::pair<const std::string, StoredTensor>*> sorted;
  sorted.reserve(tensors.size());
  for (const auto& tensor : tensors) sorted.push_back(&tensor);
  const auto begin = [&](const auto* tensor) { return tensor->second.bytes.data() - data.data(); };
  std::ranges::sort(sorted, [&](const auto* a, const auto* b) {
    return std::pair(begin(a), a->second.bytes.size()) < std::pair(begin(b), b->second.bytes.size());
  });
  std::ptrdiff_t end = 0;
  for (const auto* tensor : sorted) {
    if (begin(tensor) != end) {
      fail("tensor " + tensor->first + " begins at byte " + std::to_string(begin(tensor)) +
           " behind the header, and the tensor before it ends at byte " + std::to_string(end));
    }
    end += static_cast<std::ptrdiff_t>(tensor->second.bytes.size());
  }
  // The format forbids holes and overlaps, which could hide other content.
  if (static_cast<std::size_t>(end) != data.size()) {
    fail("has " + std::to_string(data.size()) + " bytes of tensors, and the header names " +
         std::to_string(end));
  }
}

}  // namespace

Safetensors parse_safetensors(std::span<std::byte> file) {
  static_assert(std::endian::native == std::endian::little, "the tensors of the file are little-endian");
  if (file.size() < kLengthBytes)
    fail("is not a safetensors file: it has " + std::to_string(file.size()) + " bytes");
  std::uint64_t length = 0;
  // The file: the header's length (8 bytes, little-endian), the header in JSON, the tensors.
  std::memcpy(&length, file.data(), kLengthBytes);
  const std::size_t rest = file.size() - kLengthBytes;
  if (length > rest || length > kMaxHeaderBytes) {
    fail("is not a safetensors file or a truncated one: its header would be " + std::to_string(length) +
         " bytes long, and " + std::to_string(rest) + " follow");
  }
  const auto* text = reinterpret_cast<const char*>(file.data() + kLengthBytes);
  const json header = parse_header(text, length);
  if (!header.is_object()) fail("is not a safetensors file: its header is not a JSON object");

  const std::span<std::byte> data = file.subspan(kLengthBytes + length);
  Safetensors parsed;
  parsed.header = {text, length};
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      parsed.tensors.emplace(name, parse_tensor(name, value, data));
      continue;
    }
    if (!value.is_object()) fail("has a __metadata__ in its header that is no object");
    for (const auto& [key, entry] : value.items()) {
      if (entry.is_string()) parsed.metadata.emplace(key, entry.get<std::string>());
    }
  }
  if (parsed.tensors.empty()) fail("is a safetensors file without a tensor");
  check_layout(parsed.tensors, data);
  return parsed;
}

}  // namespace clipcls
