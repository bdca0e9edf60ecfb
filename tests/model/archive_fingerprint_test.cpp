#include "model/archive_fingerprint.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "clipcls/error.h"
#include "support/temporary_folder.h"
#include "support/zip_file.h"

namespace clipcls {
namespace {

class ArchiveFingerprintTest : public testing::Test {
 protected:
  std::optional<std::string> of(const std::string& bytes) const {
    std::filesystem::remove(folder.path() /
                            "file");  // a file that is cut and written again is flushed to the disk
    return archive_fingerprint(folder.write("file", bytes));
  }

  TemporaryFolder folder;
  std::string records = "the records";
  std::string directory = directory_entry("a/data/0", 0x12345678, 11) + directory_entry("a/empty", 0, 0);
};

TEST_F(ArchiveFingerprintTest, ChangesWithTheDirectoryAndNotWithTheNameOrTime) {
  for (const bool is_zip64 : {false, true}) {
    const auto expected = of(zip_file(records, directory, is_zip64));
    ASSERT_TRUE(expected);
    EXPECT_EQ(expected->size(), 32U);
    const std::string copy = folder.write("copy", zip_file(records, directory, is_zip64));
    std::filesystem::last_write_time(copy, std::filesystem::file_time_type());
    EXPECT_EQ(archive_fingerprint(copy), expected);
    std::string other = directory;
    other[16] = static_cast<char>(other[16] ^ 1);  // a bit of the first checksum
    EXPECT_NE(of(zip_file(records, other, is_zip64)), expected);
    EXPECT_NE(of(zip_file(records + "x", directory, is_zip64)), expected);
  }
}

TEST_F(ArchiveFingerprintTest, NeedsChecksums) {
  EXPECT_FALSE(of(zip_file(records, directory + directory_entry("a/data/1", 0, 5))));
}

TEST_F(ArchiveFingerprintTest, GivesNothingForWhatIsNoZipFile) {
  EXPECT_THROW(archive_fingerprint(folder.path() / "missing"), Error);
  EXPECT_THROW(archive_fingerprint(folder.path()), Error);
  EXPECT_FALSE(of(""));
  EXPECT_FALSE(of(std::string(100000, 'x')));
  EXPECT_FALSE(of("PK\5\6"));
  EXPECT_FALSE(of(zip_file(records, "")));
  EXPECT_FALSE(of(zip_file(records, std::string(46, 'x'))));
}

TEST_F(ArchiveFingerprintTest, TakesAnyDamageToTheEndRecords) {
  for (const bool is_zip64 : {false, true}) {
    const std::string good = zip_file(records, directory, is_zip64);
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const int flip : {0x01, 0x80, 0xFF}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ flip);
        of(bad);  // anything but a crash
      }
      of(good.substr(0, i));
    }
  }
}

}  // namespace
}  // namespace clipcls
