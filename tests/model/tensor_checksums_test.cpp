#include "model/checkpoint/tensor_checksums.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <vector>

#include "clipcls/error.h"
#include "files/read_file.h"
#include "model/checkpoint/safetensors_writer.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

const std::map<std::string, TensorForm> kForms = {{"a.bias", {"F16", 2, {3}}},
                                                  {"b.weight", {"F32", 4, {4, 4}}},
                                                  {"c", {"F32", 4, {}}},
                                                  {"none", {"F32", 4, {0, 4}}},
                                                  {"z.weight", {"F32", 4, {2, 16}}}};

class TensorChecksumsTest : public testing::Test {
 protected:
  /// Each tensor's bytes are its name's first letter and `other`.
  std::filesystem::path write(const std::string& name, char other = 0) const {
    const std::filesystem::path path = folder.path() / name;
    std::vector<std::byte> bytes;
    write_safetensors(path, kForms, [&](const std::string& tensor) {
      std::size_t size = kForms.at(tensor).element_size;
      for (const std::int64_t side : kForms.at(tensor).shape) size *= static_cast<std::size_t>(side);
      bytes.assign(size, static_cast<std::byte>(tensor[0]));
      if (!bytes.empty() && other != 0) bytes.back() = static_cast<std::byte>(other);
      return std::span<const std::byte>(bytes);
    });
    return path;
  }

  static std::string read(const std::filesystem::path& path) { return read_file(path, ErrorKind::kModel); }

  std::filesystem::path put(const std::string& name, const std::string& content) const {
    std::filesystem::remove(folder.path() / name);
    return folder.write(name, content);
  }

  TemporaryFolder folder;
};

TEST_F(TensorChecksumsTest, WhatIsWrittenIsReadAndLiesOnMultiplesOf64) {
  std::string content = read(write("file"));
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(content));
  const Safetensors stored = parse_safetensors(bytes);
  ASSERT_EQ(stored.tensors.size(), kForms.size());
  for (const auto& [name, form] : kForms) {
    const StoredTensor& tensor = stored.tensors.at(name);
    EXPECT_EQ(tensor.dtype, form.dtype);
    EXPECT_EQ(tensor.shape, form.shape);
    for (const std::byte byte : tensor.bytes) EXPECT_EQ(byte, static_cast<std::byte>(name[0]));
    const auto offset = static_cast<std::size_t>(tensor.bytes.data() - bytes.data());
    EXPECT_EQ(offset % (tensor.bytes.size() % 64 == 0 ? 64 : form.element_size), 0U) << name;
  }
  EXPECT_EQ(stored.metadata.at("crc32.z.weight").size(), 8U);
  EXPECT_EQ(stored.metadata.at("format"), "pt");
}

TEST_F(TensorChecksumsTest, TheChecksumIsZlibs) {
  const std::string text = "123456789";
  EXPECT_EQ(checksum_text(crc32_of(std::as_bytes(std::span(text)))), "cbf43926");
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(crc32_of(bytes.subspan(4), crc32_of(bytes.first(4))), crc32_of(bytes));
}

TEST_F(TensorChecksumsTest, TheFingerprintIsThatOfTheContents) {
  const auto expected = tensors_fingerprint(write("file"));
  ASSERT_TRUE(expected);
  EXPECT_EQ(expected->size(), 32U);
  EXPECT_EQ(tensors_fingerprint(write("copy")), expected);
  const auto other = tensors_fingerprint(write("other", 1));
  ASSERT_TRUE(other);
  EXPECT_NE(other, expected);
}

TEST_F(TensorChecksumsTest, AFileWithoutAChecksumHasNoFingerprint) {
  std::string content = read(write("file"));
  const std::size_t key = content.find("crc32.c");
  ASSERT_NE(key, std::string::npos);
  content[key] = 'C';
  const std::filesystem::path changed = put("changed", content);
  EXPECT_FALSE(tensors_fingerprint(changed));
  const ChecksumCheck check = check_tensor_checksums(changed);
  EXPECT_EQ(check.num_equal + 1, check.num_all);
  EXPECT_NE(check.first_difference.find("tensor c has the checksum"), std::string::npos);
  for (const std::string& broken : {content.substr(0, content.size() - 1), std::string("x"), std::string()}) {
    EXPECT_FALSE(tensors_fingerprint(put("broken", broken)));
    EXPECT_THROW(check_tensor_checksums(folder.path() / "broken"), Error);
  }
  EXPECT_THROW(tensors_fingerprint(folder.path() / "absent"), Error);
}

TEST_F(TensorChecksumsTest, EveryChangedBitOfATensorIsFound) {
  const std::string content = read(write("file"));
  EXPECT_EQ(check_tensor_checksums(folder.path() / "file").first_difference, "");
  const std::size_t num_bytes = 3 * 2 + 16 * 4 + 4 + 32 * 4;
  for (std::size_t from_end = 1; from_end <= num_bytes; ++from_end) {
    std::string changed = content;
    changed[content.size() - from_end] ^= 1;
    const ChecksumCheck check = check_tensor_checksums(put("changed", changed));
    EXPECT_EQ(check.num_equal + 1, check.num_all) << from_end;
  }
}

TEST_F(TensorChecksumsTest, NamesAFileThatCannotBeWritten) {
  expect_error(ErrorKind::kOutput, "cannot be written", [&] {
    write_safetensors(folder.path() / "no" / "where", kForms,
                      [](const std::string&) { return std::span<const std::byte>(); });
  });
}

}  // namespace
}  // namespace clipcls
