#include "model/zip_directory.h"

#include <gtest/gtest.h>

#include <string>

#include "support/zip_file.h"

namespace clipcls {
namespace {

std::optional<std::string_view> directory_of(const std::string& file) {
  return find_zip_directory(std::as_bytes(std::span(file)));
}

TEST(ZipDirectoryTest, IsWhatLiesBeforeTheEndRecords) {
  const std::string directory = directory_entry("a/version", 1, 2) + directory_entry("a/data/0", 3, 4);
  for (const bool is_zip64 : {false, true}) {
    EXPECT_EQ(directory_of(zip_file("the records", directory, is_zip64)), directory);
    EXPECT_FALSE(directory_of(zip_file("the records", directory, is_zip64) + std::string(70000, 'x')));
    EXPECT_FALSE(directory_of(std::string("x").append(zip_file("the records", directory, is_zip64))));
  }
  EXPECT_FALSE(directory_of(""));
  EXPECT_FALSE(directory_of("PK\5\6"));
  EXPECT_FALSE(directory_of(std::string(100000, 'x')));
}

TEST(ZipDirectoryTest, TellsNamesChecksumsAndSizes) {
  const std::string directory =
      directory_entry("a/version", 0x12345678, 2) + directory_entry("a/data/0", 3, 4, 5);
  const auto records = read_zip_records(directory);
  ASSERT_TRUE(records && records->size() == 2);
  EXPECT_EQ((*records)[0].name, "a/version");
  EXPECT_EQ((*records)[0].checksum, 0x12345678U);
  EXPECT_EQ((*records)[0].size, 2U);
  EXPECT_FALSE((*records)[0].is_compressed);
  EXPECT_EQ((*records)[1].size, 4U);
  EXPECT_EQ((*records)[1].compressed_size, 5U);
  EXPECT_TRUE((*records)[1].is_compressed);
}

TEST(ZipDirectoryTest, TakesSizesBeyond32BitsFromTheExtraFields) {
  const std::string extra = little_endian(7, 2) + little_endian(3, 2) + "abc" +  // another field first
                            little_endian(1, 2) + little_endian(16, 2) + little_endian(1ULL << 40U, 8) +
                            little_endian(1ULL << 39U, 8);
  const auto records = read_zip_records(directory_entry("a/data/0", 3, 0xFFFFFFFF, 0xFFFFFFFF, extra));
  ASSERT_TRUE(records && records->size() == 1);
  EXPECT_EQ((*records)[0].size, 1ULL << 40U);
  EXPECT_EQ((*records)[0].compressed_size, 1ULL << 39U);
  // Without the field the number is what it is: libtorch's reader believes it too.
  EXPECT_EQ(read_zip_records(directory_entry("a/data/0", 3, 0xFFFFFFFF))->front().size, 0xFFFFFFFFU);
}

TEST(ZipDirectoryTest, RefusesWhatIsNoSequenceOfEntries) {
  const std::string good = directory_entry("a/version", 1, 2);
  EXPECT_FALSE(read_zip_records(good + "x"));
  for (std::size_t size = 1; size < good.size(); ++size) EXPECT_FALSE(read_zip_records(good.substr(0, size)));
  const std::string cut_field = little_endian(1, 2) + little_endian(255, 2) + "x";
  EXPECT_FALSE(read_zip_records(directory_entry("a/version", 1, 2, 0, cut_field)));
  EXPECT_TRUE(read_zip_records("")->empty());
}

}  // namespace
}  // namespace clipcls
