#include "model/device.h"

#include <gtest/gtest.h>

#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr const char* kNoGpu = "this libtorch has no CUDA";

LoadOptions choose(std::string_view device, Precision precision, int num_gpus) {
  LoadOptions options;
  options.precision = precision;
  return choose_device(options, parse_device(device), num_gpus, kNoGpu);
}

std::string failure(std::string_view device, Precision precision, int num_gpus) {
  try {
    choose(device, precision, num_gpus);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidArgument);
    return error.what();
  }
  return "no failure";
}

TEST(Device, TheProcessorIsTakenAlsoWhereThereIsAGpu) {
  EXPECT_TRUE(choose("cpu", Precision::kFloat32, 2).gpus.empty());
  EXPECT_EQ(choose("cpu", Precision::kAutomatic, 2).precision, automatic_precision());
}

TEST(Device, AutomaticTakesTheFirstGpuAndHalfPrecisionThere) {
  EXPECT_EQ(choose("auto", Precision::kFloat32, 2).gpus, std::vector<int>{0});
  EXPECT_EQ(choose("auto", Precision::kAutomatic, 2).precision, Precision::kFloat16);
  EXPECT_TRUE(choose("auto", Precision::kAutomatic, 0).gpus.empty());
  EXPECT_EQ(choose("auto", Precision::kAutomatic, 0).precision, automatic_precision());
}

TEST(Device, GpusAreChosenByNumber) {
  EXPECT_EQ(choose("cuda", Precision::kFloat32, 2).gpus, std::vector<int>{0});
  EXPECT_EQ(choose("cuda:1", Precision::kFloat32, 2).gpus, std::vector<int>{1});
  EXPECT_EQ(choose("cuda:all", Precision::kBfloat16, 3).gpus, (std::vector<int>{0, 1, 2}));
}

TEST(Device, WhatIsNotThereIsNamed) {
  EXPECT_EQ(
      failure("cuda", Precision::kFloat32, 0),
      "`device` cuda: this libtorch has no CUDA; `device` auto takes the processor where there is no GPU");
  EXPECT_EQ(failure("cuda:2", Precision::kFloat32, 2),
            "`device` cuda:2: this machine has 2 GPUs, cuda:0 to cuda:1");
  EXPECT_EQ(failure("cuda:1", Precision::kFloat32, 1), "`device` cuda:1: this machine has 1 GPU, cuda:0");
}

TEST(Device, PrecisionsThatADeviceDoesNotHaveAreRefused) {
  EXPECT_NE(failure("cuda", Precision::kInt8, 1).find("int8"), std::string::npos);
  EXPECT_NE(failure("cpu", Precision::kFloat16, 1).find("fp16"), std::string::npos);
  EXPECT_NE(failure("auto", Precision::kFloat16, 0).find("fp16"), std::string::npos);
}

TEST(Device, OtherWordsAreRefused) {
  for (const char* text : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "CUDA", "cuda:99999999999"}) {
    EXPECT_NE(failure(text, Precision::kFloat32, 1).find("is not one of cpu, cuda, cuda:N"),
              std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace clipcls
