#include "zero_shot/calibration_file.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/fake_clip_model.h"

namespace clipcls {
namespace {

Calibration example() {
  Calibration calibration;
  calibration.model = "m";
  calibration.image_fingerprint = "01";
  calibration.text_fingerprint = "02";
  calibration.labels_checksum = "03";
  calibration.kind = ScoreKind::kSigmoid;
  calibration.temperature = 1.0 / 3;
  calibration.labels = {"cat", "犬"};
  calibration.thresholds = {0.1, std::nullopt};
  return calibration;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(CalibrationFile, GivesBackWhatWasWritten) {
  const Calibration written = example();
  const Calibration read = parse_calibration(write_calibration(written), "c.json");
  EXPECT_EQ(read.model, written.model);
  EXPECT_EQ(read.image_fingerprint, written.image_fingerprint);
  EXPECT_EQ(read.text_fingerprint, written.text_fingerprint);
  EXPECT_EQ(read.labels_checksum, written.labels_checksum);
  EXPECT_EQ(read.kind, written.kind);
  EXPECT_EQ(read.temperature, written.temperature);
  EXPECT_EQ(read.labels, written.labels);
  EXPECT_EQ(read.thresholds, written.thresholds);
}

TEST(CalibrationFile, ErrorsNameTheFileAndTheField) {
  const std::string text = write_calibration(example());
  const auto fails = [](const std::string& part, const std::string& broken) {
    expect_error(ErrorKind::kInvalidArgument, "c.json: " + part,
                 [&] { parse_calibration(broken, "c.json"); });
  };
  fails("is not a calibration file", "[]");
  fails("is not a calibration file", "{");
  fails("is not a calibration file", std::string(100'000, '['));
  fails("field format_version is 2", replaced(text, "\"format_version\": 1", "\"format_version\": 2"));
  fails("field model is missing", replaced(text, "\"model\"", "\"Model\""));
  fails("field score is \"cosine\"", replaced(text, "\"sigmoid\"", "\"cosine\""));
  fails("field temperature is 0.0, expected a number above 0",
        replaced(text, "\"temperature\": 0.3333333333333333", "\"temperature\": 0.0"));
  fails("field threshold is \"0.1\", expected a number or null", replaced(text, "0.1", "\"0.1\""));
}

TEST(CalibrationFile, ChecksumIsOfNamesAndPrompts) {
  LabelSet labels;
  labels.labels = {{"cat", {}, {}, {}, {}}};
  const PromptRows rows = {{{"a cat"}}, {0}};
  const std::string checksum = labels_checksum(labels, rows);
  EXPECT_EQ(labels_checksum(labels, rows), checksum);
  EXPECT_NE(labels_checksum(labels, {{{"the cat"}}, {0}}), checksum);
  labels.labels[0].name = "Cat";
  EXPECT_NE(labels_checksum(labels, rows), checksum);
}

}  // namespace
}  // namespace clipcls
