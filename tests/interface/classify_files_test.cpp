#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "everyday.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

/// A folder of pictures, of which one is none, and one lies deeper.
class ClassifyFiles : public testing::Test {
 protected:
  ClassifyFiles() {
    for (const char* name : {"1.png", "3.png", "deeper/4.png"}) {
      fs::create_directories((folder_.path() / name).parent_path());
      fs::copy_file(kShark, folder_.path() / name);
    }
    folder_.write("2.png", "no picture");
  }

  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryFolder folder_;
  Classifier classifier_{everyday(), {"shark", "hot dog", "tree"}, {.is_cached = false}};
};

TEST_F(ClassifyFiles, GivesAResultForEachInOrder) {
  const std::vector<FileResult> results =
      classifier_.classify_files({at(""), at("nowhere.png")}, {.top_k = 1});
  ASSERT_EQ(results.size(), 4U);
  for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
    EXPECT_FALSE(results[i].error.has_value());
    ASSERT_EQ(results[i].predictions.size(), 1U);
    EXPECT_EQ(results[i].predictions[0].label, "shark");
  }
  EXPECT_EQ(fs::path(results[0].path).filename(), "1.png");
  ASSERT_TRUE(results[1].error.has_value());
  EXPECT_EQ(results[1].error->kind(), ErrorKind::kNotAnImage);
  EXPECT_TRUE(results[1].predictions.empty());
  ASSERT_TRUE(results[3].error.has_value());
  EXPECT_EQ(results[3].error->kind(), ErrorKind::kNotFound);
  EXPECT_EQ(results[3].path, at("nowhere.png"));
}

TEST_F(ClassifyFiles, GoesIntoFoldersOfFoldersWhenAsked) {
  EXPECT_EQ(classifier_.classify_files({at("")}, {.is_recursive = true}).size(), 4U);
}

TEST_F(ClassifyFiles, EndsWhenItIsStopped) {
  std::stop_source stop;
  const std::vector<std::string> paths(200, at("1.png"));
  std::size_t num_results = 0;
  classifier_.classify_files(paths,
                             [&](const FileResult&) {
                               ++num_results;
                               stop.request_stop();
                             },
                             {.batch_size = 4, .stop = stop.get_token()});
  EXPECT_GT(num_results, 0U);
  EXPECT_LT(num_results, paths.size());
  EXPECT_TRUE(classifier_.classify_files(paths, {.stop = stop.get_token()}).empty());
}

TEST_F(ClassifyFiles, WhatTheCallersFunctionThrowsEndsTheRun) {
  EXPECT_THROW(classifier_.classify_files({at("1.png"), at("3.png")},
                                          [](const FileResult&) { throw std::runtime_error("enough"); }),
               std::runtime_error);
  EXPECT_EQ(classifier_.classify_files({at("1.png")}).size(), 1U);  // nothing is left behind
  expect_error(ErrorKind::kInvalidArgument, "`batch_size`",
               [&] { classifier_.classify_files({at("1.png")}, {.batch_size = 0}); });
  expect_error(ErrorKind::kInvalidArgument, "`batch_size` is 9223372036854775808, and must be 1 to 4096",
               [&] { classifier_.classify_files({at("1.png")}, {.batch_size = std::size_t{1} << 63U}); });
  expect_error(ErrorKind::kInvalidArgument, "`on_result` is empty",
               [&] { classifier_.classify_files({at("1.png")}, std::function<void(FileResult)>()); });
}

TEST_F(ClassifyFiles, MayRunBesideOtherCalls) {
  const std::vector<std::string> paths(24, at("1.png"));
  const double expected = classifier_.classify(Image::read(kShark)).at(0).score;
  std::vector<std::vector<FileResult>> results(2);
  std::vector<double> scores(12);
  {
    std::vector<std::jthread> threads;
    for (std::vector<FileResult>& result : results)
      threads.emplace_back([&] { result = classifier_.classify_files(paths, {.batch_size = 7}); });
    threads.emplace_back([&] {
      for (double& score : scores) score = classifier_.classify(Image::read(kShark)).at(0).score;
    });
  }
  for (const std::vector<FileResult>& result : results) {
    ASSERT_EQ(result.size(), paths.size());
    for (const FileResult& file : result) EXPECT_NEAR(file.predictions.at(0).score, expected, 1e-4);
  }
  for (const double score : scores) EXPECT_NEAR(score, expected, 1e-4);
}

}  // namespace
}  // namespace clipcls
