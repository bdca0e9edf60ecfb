#include "model/checkpoint/model_card.h"

#include <gtest/gtest.h>

#include "model/license.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

std::string license_of(const std::string& card) {
  const TemporaryFolder folder;
  folder.write("README.md", card);
  return read_card_license(folder.path());
}

TEST(ModelCard, SaysTheLicence) {
  EXPECT_EQ(license_of("---\ntags:\n- vision\nlicense: apache-2.0\n---\n# SigLIP\n"), "apache-2.0");
  EXPECT_EQ(license_of("---\r\nlicense: \"mit\"\r\n---\r\n"), "mit");
  EXPECT_EQ(license_of("---\nlicense:\n- cc-by-nc-4.0\n- mit\ntags:\n- x\n---\n"), "cc-by-nc-4.0");
  EXPECT_EQ(license_of("---\nlicense: other\nlicense_name: apple-amlr\n---\n"), "apple-amlr");
  EXPECT_EQ(license_of("---\nlicense: other\n---\n"), "other");
}

TEST(ModelCard, MaySayNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(read_card_license(folder.path()), "");
  EXPECT_EQ(license_of(""), "");
  EXPECT_EQ(license_of("# Read me\nlicense: mit\n"), "");
  EXPECT_EQ(license_of("---\ntags:\n- x\n---\nlicense: mit\n"), "");
  EXPECT_EQ(license_of("---\nmodel:\n  license: mit\n---\n"), "");
}

/// It is shown on a terminal, and stands in config.json.
TEST(ModelCard, GivesNothingButAWord) {
  EXPECT_EQ(license_of("---\nlicense: \033[31mred\n---\n"), "");
  EXPECT_EQ(license_of("---\nlicense: " + std::string(101, 'x') + "\n---\n"), "");
  EXPECT_EQ(license_of("---\nlicense: two words\n---\n"), "");
  EXPECT_EQ(license_of("---\n" + std::string(10'000'000, 'x') + "\nlicense: mit\n---\n"), "mit");
}

TEST(ModelCard, SomeLicencesBarCommercialUse) {
  for (const char* name : {"cc-by-nc-4.0", "CC-BY-NC-SA-4.0", "cc-by-nc-nd-4.0", "apple-amlr"})
    EXPECT_TRUE(bars_commercial_use(name)) << name;
  for (const char* name : {"", "mit", "apache-2.0", "cc-by-4.0", "openrail", "other", "bsd-3-clause"})
    EXPECT_FALSE(bars_commercial_use(name)) << name;
}

}  // namespace
}  // namespace clipcls
