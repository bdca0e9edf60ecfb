#include "model/libtorch/configure_torch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

namespace clipcls {
namespace {

// A process that has used libtorch has the answer already, so the test runs in one of its own.
TEST(ConfigureTorchDeathTest, NoFileIsOpenedLaterToLearnAboutTheProcessor) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto run = [] {
    configure_torch(1);
    const rlimit none = {0, 0};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) std::_Exit(2);
    const at::Tensor halves = at::full({4}, 0.5, at::kHalf);
    const at::Tensor floats = halves.to(at::kFloat).reshape({2, 2});
    std::_Exit(at::mm(floats, floats).sum().item<float>() == 2 ? 0 : 3);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "^$");
}

}  // namespace
}  // namespace clipcls
