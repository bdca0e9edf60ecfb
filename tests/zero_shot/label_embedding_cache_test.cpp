#include "zero_shot/label_embedding_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

const std::string kKey(32, 'a');

/// [num_labels, 4], with two cut prompts.
ZeroShotWeights make_weights(std::size_t num_labels, float first = 0.5F) {
  ZeroShotWeights weights;
  weights.class_embeddings = Matrix(num_labels, 4);
  for (std::size_t i = 0; i < num_labels * 4; ++i)
    weights.class_embeddings.values[i] = first + static_cast<float>(i);
  weights.truncated_prompts = {{0, 80}, {num_labels - 1, 99}};
  return weights;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string key_of(int number) {
  std::string key = std::to_string(number);
  return std::string(32 - key.size(), '0') + key;
}

class LabelEmbeddingCacheTest : public testing::Test {
 protected:
  fs::path entry(const std::string& key = kKey) const { return cache.folder() / (key + ".labels"); }

  std::size_t num_files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(cache.folder()), fs::directory_iterator()));
  }

  TemporaryFolder folder;
  LabelEmbeddingCache cache{folder.path() / "made" / "when needed"};
};

TEST_F(LabelEmbeddingCacheTest, GivesBackWhatItWasGiven) {
  const auto before = cache.find(kKey, 3, 4);
  EXPECT_FALSE(before.weights);
  EXPECT_EQ(before.problem, "");
  EXPECT_EQ(cache.store(kKey, make_weights(3)), "");
  const auto found = cache.find(kKey, 3, 4);
  ASSERT_TRUE(found.weights) << found.problem;
  EXPECT_EQ(found.weights->class_embeddings.values, make_weights(3).class_embeddings.values);
  EXPECT_EQ(found.weights->class_embeddings.rows, 3U);
  ASSERT_EQ(found.weights->truncated_prompts.size(), 2U);
  EXPECT_EQ(found.weights->truncated_prompts[1].label_index, 2U);
  EXPECT_EQ(found.weights->truncated_prompts[1].num_tokens, 99U);
  EXPECT_EQ(num_files(), 1U);
  EXPECT_EQ(fs::status(cache.folder()).permissions(), fs::perms::owner_all);
}

TEST_F(LabelEmbeddingCacheTest, EveryChangedByteIsNoticed) {
  cache.store(kKey, make_weights(2));
  const std::string good = read_file(entry());
  ASSERT_GT(good.size(), 64U);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      write_file(entry(), bad);
      const auto found = cache.find(kKey, 2, 4);
      EXPECT_FALSE(found.weights) << "byte " << i;
      EXPECT_NE(found.problem, "") << "byte " << i;
    }
  }
  cache.store(kKey, make_weights(2));
  EXPECT_TRUE(cache.find(kKey, 2, 4).weights);
}

TEST_F(LabelEmbeddingCacheTest, EveryOtherLengthIsNoticed) {
  cache.store(kKey, make_weights(2));
  const std::string good = read_file(entry());
  for (std::size_t size = 0; size < good.size(); ++size) {
    write_file(entry(), good.substr(0, size));
    EXPECT_FALSE(cache.find(kKey, 2, 4).weights) << size;
  }
  for (const std::size_t more : {1U, 4U, 16U, 4096U}) {
    write_file(entry(), good + std::string(more, '\0'));
    EXPECT_FALSE(cache.find(kKey, 2, 4).weights) << more;
  }
}

TEST_F(LabelEmbeddingCacheTest, AnEntryOfAnotherKeyOrSizeIsAbsent) {
  cache.store(kKey, make_weights(2));
  const std::string other(32, 'b');
  fs::copy(entry(), entry(other));
  EXPECT_FALSE(cache.find(other, 2, 4).weights);
  EXPECT_FALSE(cache.find(kKey, 4, 2).weights);
  EXPECT_FALSE(cache.find(kKey, 2, 5).weights);
  EXPECT_TRUE(cache.find(kKey, 2, 4).weights);
}

TEST_F(LabelEmbeddingCacheTest, FoldersAndPipesInPlaceOfAnEntryAreNoError) {
  cache.store(kKey, make_weights(2));
  fs::remove(entry());
  fs::create_directory(entry());
  EXPECT_NE(cache.find(kKey, 2, 4).problem, "");
  EXPECT_NE(cache.store(kKey, make_weights(2)), "");
  fs::remove(entry());
  ASSERT_EQ(mkfifo(entry().c_str(), 0600), 0);
  EXPECT_NE(cache.find(kKey, 2, 4).problem, "");
  EXPECT_EQ(cache.store(kKey, make_weights(2)), "");
  EXPECT_TRUE(cache.find(kKey, 2, 4).weights);
  EXPECT_EQ(num_files(), 1U);
}

TEST_F(LabelEmbeddingCacheTest, TheLeastRecentlyUsedEntryGoesFirst) {
  cache.store(key_of(0), make_weights(100));
  const std::uint64_t entry_size = fs::file_size(entry(key_of(0)));
  const LabelEmbeddingCache small(cache.folder(), 3 * entry_size);
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(small.store(key_of(i), make_weights(100)), "");
    fs::last_write_time(entry(key_of(i)), now - std::chrono::minutes(10 - i));
  }
  EXPECT_TRUE(small.find(key_of(0), 100, 4).weights);  // used: 1 is now the oldest
  EXPECT_EQ(small.store(key_of(3), make_weights(100)), "");
  EXPECT_TRUE(fs::exists(entry(key_of(0))));
  EXPECT_FALSE(fs::exists(entry(key_of(1))));
  EXPECT_TRUE(fs::exists(entry(key_of(2))));
  EXPECT_EQ(small.usage().num_entries, 3U);
  EXPECT_EQ(small.usage().num_bytes, 3 * entry_size);
}

TEST_F(LabelEmbeddingCacheTest, WhatIsLargerThanTheLimitIsNotKept) {
  const LabelEmbeddingCache tiny(cache.folder(), 100);
  EXPECT_NE(tiny.store(kKey, make_weights(100)), "");
  EXPECT_EQ(num_files(), 0U);
}

TEST_F(LabelEmbeddingCacheTest, ClearRemovesItsOwnFilesAlone) {
  cache.store(key_of(1), make_weights(2));
  cache.store(key_of(2), make_weights(2));
  write_file(entry(key_of(3)).string() + ".partial-abcdef", "left behind");
  for (const char* name : {"notes.txt", "x.labels", "0123.labels", ".labels"})
    write_file(cache.folder() / name, "mine");
  fs::create_directory(entry(key_of(4)));
  const auto removed = cache.clear();
  EXPECT_EQ(removed.num_entries, 2U);
  EXPECT_GT(removed.num_bytes, 0U);
  EXPECT_EQ(num_files(), 5U);
  EXPECT_EQ(cache.clear().num_entries, 0U);
}

TEST_F(LabelEmbeddingCacheTest, FilesOfKilledWritersAreRemovedInTime) {
  cache.store(key_of(1), make_weights(2));
  const fs::path old_file = entry(key_of(2)).string() + ".partial-aaaaaa";
  const fs::path new_file = entry(key_of(2)).string() + ".partial-bbbbbb";
  write_file(old_file, "x");
  write_file(new_file, "x");
  fs::last_write_time(old_file, fs::file_time_type::clock::now() - std::chrono::hours(2));
  cache.store(key_of(3), make_weights(2));
  EXPECT_FALSE(fs::exists(old_file));
  EXPECT_TRUE(fs::exists(new_file));
}

TEST_F(LabelEmbeddingCacheTest, AFolderThatCannotBeMadeIsNoError) {
  const LabelEmbeddingCache impossible(folder.write("file", "x") + "/cache");
  EXPECT_FALSE(impossible.find(kKey, 2, 4).weights);
  EXPECT_NE(impossible.store(kKey, make_weights(2)), "");
  EXPECT_EQ(impossible.usage().num_entries, 0U);
  EXPECT_EQ(impossible.clear().num_entries, 0U);
  EXPECT_NE(LabelEmbeddingCache("/proc/clipcls").store(kKey, make_weights(2)), "");
}

TEST_F(LabelEmbeddingCacheTest, ThreadsMayWriteAndReadOneKey) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(cache.store(kKey, make_weights(50)), "");
        const auto found = cache.find(kKey, 50, 4);
        EXPECT_TRUE(found.weights) << found.problem;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_files(), 1U);
}

TEST_F(LabelEmbeddingCacheTest, ProcessesMayShareAFolderThatIsTooSmallForThem) {
  const LabelEmbeddingCache small(cache.folder(), 4000);
  std::vector<pid_t> processes;
  for (int process = 0; process < 6; ++process) {
    processes.push_back(fork());
    if (processes.back() != 0) continue;
    bool is_right = true;
    for (int i = 0; i < 100; ++i) {
      const int number = (process + i) % 5;
      is_right =
          is_right && small.store(key_of(number), make_weights(50, static_cast<float>(number))).empty();
      const auto found = small.find(key_of(number), 50, 4);  // another process may have removed it
      is_right =
          is_right && found.problem.empty() &&
          (!found.weights || found.weights->class_embeddings.values.front() == static_cast<float>(number));
    }
    _exit(is_right ? 0 : 1);
  }
  for (const pid_t process : processes) {
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_LE(small.usage().num_bytes, 4000U);
  EXPECT_EQ(num_files(), small.usage().num_entries);
}

}  // namespace
}  // namespace clipcls
