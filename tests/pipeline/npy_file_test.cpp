#include "pipeline/npy_file.h"

#include <gtest/gtest.h>

#include <array>
#include <iterator>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

constexpr const char* kGoodHeader = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

/// A file of format 1.0 with that header, padded as NumPy does, and `num_bytes` bytes of values.
std::string npy_bytes(const std::string& header, std::size_t num_bytes) {
  std::string text = header + std::string((64 - (10 + header.size() + 1) % 64) % 64, ' ') + '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(text.size() & 0xFFU);
  bytes += static_cast<char>(text.size() >> 8U);
  return bytes + text + std::string(num_bytes, '\0');
}

class NpyFileTest : public testing::Test {
 protected:
  void expect_refused(const std::string& bytes, const std::string& part) {
    const std::string path = folder.write("x.npy", bytes);
    expect_error(ErrorKind::kFeatures, path + ": ", [&] { NpyMatrix matrix(path); });
    expect_error(ErrorKind::kFeatures, part, [&] { NpyMatrix matrix(path); });
  }

  TemporaryFolder folder;
};

TEST_F(NpyFileTest, ReadsWhatItWrote) {
  for (const std::size_t num_rows : {0U, 1U, 1000U}) {
    const auto path = folder.path() / "x.npy";
    NpyWriter writer(path, 3);
    for (std::size_t row = 0; row < num_rows; ++row)
      writer.append(std::array{static_cast<float>(row), 0.5F, -1.0F});
    expect_error(ErrorKind::kFeatures, "is not a .npy file", [&] { NpyMatrix matrix(path); });
    writer.finish();
    const NpyMatrix matrix(path);
    ASSERT_EQ(matrix.rows(), num_rows);
    ASSERT_EQ(matrix.cols(), 3U);
    for (std::size_t row = 0; row < num_rows; ++row) {
      EXPECT_EQ(matrix.block(row, 1)[0], static_cast<float>(row));
      EXPECT_EQ(matrix.block(row, 1)[2], -1.0F);
    }
    EXPECT_EQ(matrix.block(0, num_rows).size(), num_rows * 3);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(matrix.block(0, num_rows).data()) % 64, 0U);
  }
}

TEST_F(NpyFileTest, TakesAnyOrderOfFields) {
  const std::string path =
      folder.write("x.npy", npy_bytes("{\"shape\":(2, 3), 'fortran_order':False , 'descr': '<f4'}", 24));
  EXPECT_EQ(NpyMatrix(path).rows(), 2U);
}

TEST_F(NpyFileTest, NamesTheFieldThatIsWrong) {
  const auto with = [](const std::string& from, const std::string& to, std::size_t num_bytes = 24) {
    std::string header = kGoodHeader;
    return npy_bytes(header.replace(header.find(from), from.size(), to), num_bytes);
  };
  EXPECT_EQ(NpyMatrix(folder.write("good.npy", npy_bytes(kGoodHeader, 24))).cols(), 3U);
  expect_refused(with("<f4", "<f8", 48), "field descr is '<f8', expected '<f4'");
  expect_refused(with("<f4", ">f4"), "field descr is '>f4'");
  expect_refused(with("'<f4'", "[('a', '<f4'), ('b', '<f4')]"), "field descr is [('a', '<f4'), (");
  expect_refused(with("False", "True"), "field fortran_order is True, expected False");
  expect_refused(with("(2, 3)", "(6,)"), "field shape is (6,), expected (num_images, embed_dim)");
  expect_refused(with("(2, 3)", "(1, 2, 3)"), "field shape is (1, 2, 3)");
  expect_refused(with("(2, 3)", "()"), "field shape is ()");
  expect_refused(with("(2, 3)", "(2, 0)", 0), "field shape is (2, 0)");
  expect_refused(with("(2, 3)", "(-2, 3)"), "field shape is (-2, 3)");
  expect_refused(with("'shape': (2, 3), ", ""), "field shape missing");
  expect_refused(with("descr", "type"), "not the dictionary");
  expect_refused(with("'fortran_order': False, ", "'descr': '<f4', "), "not the dictionary");
  expect_refused(npy_bytes("", 24), "not the dictionary");
  expect_refused(npy_bytes(std::string(60000, '{'), 24), "not the dictionary");
}

TEST_F(NpyFileTest, ChecksHostileSizesBeforeTheyAreUsed) {
  for (const char* shape : {"(3, 3)", "(1, 3)", "(6148914691236517206, 3)", "(4611686018427387905, 3)",
                            "(18446744073709551615, 18446744073709551615)", "(2, 18446744073709551615)"}) {
    expect_refused(
        npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': " + std::string(shape) + "}", 24),
        "field shape is " + std::string(shape));
  }
  expect_refused(
      npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3)}", 24),
      "expected (num_images, embed_dim)");
  for (const std::size_t num_bytes : {0U, 20U, 23U, 25U, 28U})
    expect_refused(npy_bytes(kGoodHeader, num_bytes), "truncated or too long");
}

TEST_F(NpyFileTest, TakesAnyDamageToTheHeader) {
  const std::string good = npy_bytes(kGoodHeader, 24);
  for (std::size_t i = 0; i < 10 + std::string_view(kGoodHeader).size(); ++i) {
    for (const int flip : {0x01, 0x20, 0xFF}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      try {
        EXPECT_EQ(NpyMatrix(folder.write("x.npy", bad)).rows(), 2U) << i;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kFeatures);
      }
    }
    EXPECT_THROW(NpyMatrix(folder.write("x.npy", good.substr(0, i))), Error);
  }
}

TEST_F(NpyFileTest, NamesOtherKindsOfFiles) {
  expect_refused("", "is not a .npy file");
  expect_refused("PK\3\4 and a lot more", "magic is not \\x93NUMPY");
  std::string other_version = npy_bytes(kGoodHeader, 24);
  other_version[6] = 2;
  expect_refused(other_version, "version is 2.0, expected 1.0");
  expect_error(ErrorKind::kFeatures, "none: cannot be read",
               [&] { NpyMatrix matrix(folder.path() / "none"); });
  expect_error(ErrorKind::kFeatures, "is not a regular file", [&] { NpyMatrix matrix(folder.path()); });
}

TEST_F(NpyFileTest, AFullDiskIsAnError) {
  expect_error(ErrorKind::kOutput, "/dev/full: writing failed", [] {
    NpyWriter writer("/dev/full", 1);
    writer.append(std::array{1.0F});
    writer.finish();
  });
  expect_error(ErrorKind::kOutput, "cannot be written", [] { NpyWriter writer("/nonexistent/x.npy", 1); });
}

}  // namespace
}  // namespace clipcls
