#include "photos/file_journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "photos/journal_line.h"
#include "support/expect_error.h"
#include "support/file_content.h"
#include "support/temporary_folder.h"

namespace clipcls {
namespace {

namespace fs = std::filesystem;

TEST(FileJournal, KeepsAnyPath) {
  const TemporaryFolder folder;
  const std::vector<std::string> names = {"plain", "100%41", "caf\xC3\xA9", "\xFF\xFE latin \xE9",
                                          "new\nline\x7F"};
  FileJournal journal(folder.path(), {});
  std::vector<JournalStep> steps;
  for (const std::string& name : names)
    steps.push_back({JournalAction::kMove, "/a/" + name, "/b/" + name, {1, -2, 3}});
  journal.write(steps);
  const std::vector<JournalStep> read = read_journal(journal.path()).steps;
  ASSERT_EQ(read.size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(read[i].source, steps[i].source);
    EXPECT_EQ(read[i].target, steps[i].target);
    EXPECT_EQ(read[i].identity, steps[i].identity);
    EXPECT_EQ(read[i].action, steps[i].action);
  }
  EXPECT_NE(content(journal.path()).find("café"), std::string::npos);
}

TEST(FileJournal, TwoOfOneSecondHaveTwoNames) {
  const TemporaryFolder folder;
  const FileJournal first(folder.path(), {});
  const FileJournal second(folder.path(), {});
  EXPECT_NE(first.path(), second.path());
}

TEST(FileJournal, LeavesOutATornLineAndNamesADamagedOne) {
  const TemporaryFolder folder;
  FileJournal journal(folder.path(), {});
  journal.write(std::vector<JournalStep>{{JournalAction::kMakeFolder, {}, "/a"}});
  std::ofstream(journal.path(), std::ios::app) << R"({"action":"move","sou)";
  EXPECT_EQ(read_journal(journal.path()).steps.size(), 1U);
  EXPECT_EQ(read_journal(journal.path()).torn_line_number, 3U);
  std::ofstream(journal.path(), std::ios::app) << "\n";
  expect_error(ErrorKind::kInvalidArgument, ":3: is damaged", [&] { read_journal(journal.path()); });
  expect_error(ErrorKind::kInvalidArgument, "no such journal", [&] { read_journal(folder.path() / "none"); });
  expect_error(ErrorKind::kInvalidArgument, "is not a journal",
               [&] { read_journal(folder.write("x", "{\"a\": 1}\n")); });
}

TEST(FileJournal, RefusesPathsThatTheSystemWouldCut) {
  const TemporaryFolder folder;
  FileJournal journal(folder.path(), {});
  const std::string before = content(journal.path());
  using namespace std::string_literals;
  for (const std::string& path : {"/a\0b"s, std::string("/").append(10'000'000, 'a')}) {
    for (const JournalStep& step : {JournalStep{JournalAction::kMove, path, "/b", {}},
                                    JournalStep{JournalAction::kMove, "/b", path, {}},
                                    JournalStep{JournalAction::kMakeFolder, {}, path, {}}}) {
      expect_error(ErrorKind::kOutput, "path", [&] { journal.write({&step, 1}); });
    }
  }
  EXPECT_EQ(content(journal.path()), before);
  for (const char* path : {"/a%00b", "/a\\u0000b", "a", "/a%41"}) {
    const std::string line = std::string("{\"action\":\"make_folder\",\"target\":\"") + path + "\"}\n";
    expect_error(ErrorKind::kInvalidArgument, ":2: is damaged",
                 [&] { read_journal(folder.write("journal", journal_header() + line)); });
  }
}

TEST(FileJournal, IsWhatWasWrittenAndNothingElse) {
  const TemporaryFolder folder;
  const std::string header = journal_header();
  const std::string step = write_journal_line({JournalAction::kCopy, "/a", "/b", {1, 2, 3}});
  const auto read = [&](const std::string& text) { return read_journal(folder.write("journal", text)); };
  EXPECT_EQ(read(header).steps.size(), 0U);
  EXPECT_EQ(read(header + step).steps.size(), 1U);
  for (const std::string& text :
       {std::string(), std::string("\n"), header.substr(0, header.size() - 1), header.substr(0, 5),
        std::string(" ").append(header), std::string("\xEF\xBB\xBF").append(header), "notes" + header,
        std::string(1'000'000, '\0')})
    expect_error(ErrorKind::kInvalidArgument, "is not a journal", [&] { read(text); });
  for (const std::string& line : {std::string("\n"), std::string(" ").append(step), "{}\n" + step,
                                  step.substr(0, step.size() - 2) + ",\"more\":1}\n", std::string("my notes"),
                                  std::string(200'000, 'x'), "{\"action\":\"" + std::string(200'000, 'x')})
    expect_error(ErrorKind::kInvalidArgument, ":2: is damaged", [&] { read(header + line); });
  for (const char* name : {"", "folder"}) {
    fs::create_directories(folder.path() / name);
    expect_error(ErrorKind::kInvalidArgument, "journal", [&] { read_journal(folder.path() / name); });
  }
  ASSERT_EQ(mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::kInvalidArgument, "is not a journal",
               [&] { read_journal(folder.path() / "pipe"); });
}

TEST(FileJournal, WhatACrashLeavesBehindTheLastLineIsNoStep) {
  const TemporaryFolder folder;
  const std::string step = write_journal_line({JournalAction::kCopy, "/a", "/b", {1, 2, 3}});
  using namespace std::string_literals;
  for (std::size_t size = 1; size < step.size(); ++size) {
    for (const std::string& torn :
         {step.substr(0, size), step.substr(0, size) + "\0\0\0"s, std::string(size, '\0')}) {
      const JournalContent content = read_journal(folder.write("journal", journal_header() + step + torn));
      ASSERT_EQ(content.steps.size(), 1U);
      ASSERT_EQ(content.torn_line_number, 3U);
    }
  }
}

TEST(FileJournal, OneAtATimeWritesOrUndoes) {
  const TemporaryFolder folder;
  fs::path path;
  {
    const FileJournal journal(folder.path(), {});
    path = journal.path();
    expect_error(ErrorKind::kInvalidArgument, "another clipcls", [&] { KeptJournal(path).claim(); });
  }
  KeptJournal first(path);
  first.claim();
  expect_error(ErrorKind::kInvalidArgument, "another clipcls", [&] { KeptJournal(path).claim(); });
}

TEST(FileJournal, RemovesTheFileThatWasRead) {
  const TemporaryFolder folder;
  const fs::path path = folder.write("journal", journal_header());
  fs::create_symlink("journal", folder.path() / "link");
  KeptJournal journal(folder.path() / "link");
  fs::rename(path, folder.path() / "renamed");
  folder.write("journal", "a photo");
  expect_error(ErrorKind::kOutput, "another file", [&] { journal.remove(); });
  EXPECT_EQ(content(path), "a photo");
  fs::rename(folder.path() / "renamed", path);
  journal.remove();
  EXPECT_FALSE(fs::exists(path));
}

TEST(FileJournal, AFullDiskLeavesWholeLines) {
  const TemporaryFolder folder;
  FileJournal journal(folder.path(), {});
  const JournalStep step = {JournalAction::kCopy, "/a", "/b", {1, 2, 3}};
  journal.write({&step, 1});
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit full = {fs::file_size(journal.path()) + 20, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  expect_error(ErrorKind::kOutput, "writing failed", [&] { journal.write({&step, 1}); });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  journal.write({&step, 1});
  EXPECT_EQ(read_journal(journal.path()).steps.size(), 2U);
}

TEST(FileJournal, AreFoundInAFolder) {
  const TemporaryFolder folder;
  EXPECT_TRUE(journals_in(folder.path()).empty());
  folder.write("clipcls-journal-notes.jsonl", "");
  folder.write("clipcls-journal-photo.jsonl", "a photo");
  folder.write("journal", journal_header());
  const FileJournal first(folder.path(), {});
  EXPECT_EQ(journals_in(folder.path()), std::vector<fs::path>{first.path()});
  const FileJournal second(folder.path(), {});
  EXPECT_EQ(journals_in(folder.path()).size(), 2U);
}

}  // namespace
}  // namespace clipcls
