#include "serve/request_labels.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace clipcls {
namespace {

LabelSet label_set(const std::string& name, std::size_t num_labels = 1) {
  LabelSet set;
  for (std::size_t i = 0; i < num_labels; ++i)
    set.labels.push_back({name + std::to_string(i), {}, {}, {}, {}});
  return set;
}

std::shared_ptr<const ServedLabels> embedded(const LabelSet& set) {
  std::vector<std::string> names;
  for (const Label& label : set.labels) names.push_back(label.name);
  const Matrix rows(names.size(), 2);
  return std::make_shared<const ServedLabels>(ZeroShotClassifier(rows, 1, 0, ScoreKind::kSoftmax),
                                              std::move(names));
}

std::string first_name(RequestLabels& labels, LabelSet set) {
  std::promise<std::string> name;
  EXPECT_TRUE(labels.find(std::move(set), [&](const auto& found, const std::optional<Error>& error) {
    name.set_value(error ? error->what() : found->names[0]);
  }));
  return name.get_future().get();
}

TEST(RequestLabelsTest, EmbedsOnceAndKeepsTheLastUsed) {
  std::atomic<int> num_embedded = 0;
  RequestLabels labels(
      [&](const LabelSet& set) {
        ++num_embedded;
        return embedded(set);
      },
      {.max_kept_rows = 4, .max_waiting = 2});
  EXPECT_EQ(first_name(labels, label_set("a", 2)), "a0");
  EXPECT_EQ(first_name(labels, label_set("b", 2)), "b0");
  EXPECT_EQ(first_name(labels, label_set("a", 2)), "a0");
  EXPECT_EQ(num_embedded, 2);
  EXPECT_EQ(first_name(labels, label_set("c", 1)), "c0");  // b goes, a was used after it
  EXPECT_EQ(first_name(labels, label_set("a", 2)), "a0");
  EXPECT_EQ(num_embedded, 3);
  EXPECT_EQ(first_name(labels, label_set("b", 2)), "b0");
  EXPECT_EQ(num_embedded, 4);
  EXPECT_EQ(first_name(labels, label_set("d", 5)), "d0");  // more than are kept
  EXPECT_EQ(first_name(labels, label_set("d", 5)), "d0");
  EXPECT_EQ(num_embedded, 6);
  EXPECT_EQ(first_name(labels, label_set("b", 2)), "b0");
  EXPECT_EQ(num_embedded, 6);
}

TEST(RequestLabelsTest, TellsWhatIsWrongAndGoesOn) {
  RequestLabels labels([](const LabelSet& set) {
    if (set.labels.front().name == "bad0") throw Error(ErrorKind::kLabels, "bad labels");
    return embedded(set);
  });
  EXPECT_EQ(first_name(labels, label_set("bad")), "bad labels");
  EXPECT_EQ(first_name(labels, label_set("good")), "good0");
}

TEST(RequestLabelsTest, RefusesWhenTooManyWaitAndFinishesTheOthers) {
  std::promise<void> may_go_on;
  std::promise<void> has_begun;
  int num_embedded = 0;
  std::atomic<int> num_answered = 0;
  {
    RequestLabels labels(
        [&](const LabelSet& set) {
          if (num_embedded++ == 0) {
            has_begun.set_value();
            may_go_on.get_future().wait();
          }
          return embedded(set);
        },
        {.max_kept_rows = 10, .max_waiting = 2});
    const auto count = [&](const auto&, const std::optional<Error>&) { ++num_answered; };
    EXPECT_TRUE(labels.find(label_set("a"), count));
    has_begun.get_future().wait();
    EXPECT_TRUE(labels.find(label_set("a"), count));
    EXPECT_TRUE(labels.find(label_set("b"), count));
    EXPECT_FALSE(labels.find(label_set("c"), count));
    may_go_on.set_value();
  }
  EXPECT_EQ(num_answered, 3);
  EXPECT_EQ(num_embedded, 2);  // the second a was there when its turn came
}

}  // namespace
}  // namespace clipcls
