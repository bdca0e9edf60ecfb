#include "model/device.h"

#include <charconv>
#include <numeric>

#include "base/closest_word.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::kInvalidArgument, "`device` " + message);
}

std::vector<int> choose_gpus(const DeviceChoice& choice, int num_gpus, const std::string& no_gpu) {
  using Kind = DeviceChoice::Kind;
  if (choice.kind == Kind::kCpu) return {};
  if (num_gpus == 0) {
    // "auto" takes what there is; who names a GPU wants to hear that there is none.
    if (choice.kind == Kind::kAutomatic) return {};
    fail("cuda: " + no_gpu + "; `device` auto takes the processor where there is no GPU");
  }
  if (choice.kind == Kind::kAllCuda) {
    std::vector<int> gpus(static_cast<std::size_t>(num_gpus));
    std::iota(gpus.begin(), gpus.end(), 0);
    return gpus;
  }
  if (choice.index >= num_gpus) {
    fail("cuda:" + std::to_string(choice.index) + ": this machine has " + std::to_string(num_gpus) +
         (num_gpus == 1 ? " GPU, cuda:0" : " GPUs, cuda:0 to cuda:" + std::to_string(num_gpus - 1)));
  }
  return {choice.index};
}

}  // namespace

DeviceChoice parse_device(std::string_view text) {
  using Kind = DeviceChoice::Kind;
  if (text == "cpu") return {Kind::kCpu};
  if (text == "auto") return {Kind::kAutomatic};
  if (text == "cuda") return {Kind::kCuda};
  if (text == "cuda:all") return {Kind::kAllCuda};
  constexpr std::string_view kPrefix = "cuda:";
  DeviceChoice choice{Kind::kCuda};
  // from_chars() would take a sign.
  if (text.starts_with(kPrefix) && text.size() > kPrefix.size() && text[kPrefix.size()] != '-') {
    const auto [end, error] =
        std::from_chars(text.data() + kPrefix.size(), text.data() + text.size(), choice.index);
    if (error == std::errc() && end == text.data() + text.size()) return choice;
  }
  const std::string meant = text == "gpu"
                                ? "; perhaps cuda is meant"
                                : perhaps_meant(text, {"cuda:0", "cpu", "cuda", "cuda:all", "auto"});
  fail("\"" + std::string(text) + "\" is not one of cpu, cuda, cuda:N, cuda:all, auto" + meant);
}

LoadOptions choose_device(LoadOptions options, const DeviceChoice& choice, int num_gpus,
                          const std::string& no_gpu) {
  options.gpus = choose_gpus(choice, num_gpus, no_gpu);
  const bool is_gpu = !options.gpus.empty();
  // A GPU computes fp16 itself; what a processor has is asked of it.
  if (options.precision == Precision::kAutomatic)
    options.precision = is_gpu ? Precision::kFloat16 : automatic_precision();
  if (options.precision == Precision::kInt8 && is_gpu)
    fail("cuda: does not compute in int8; `precision` is one of auto, bf16, fp16, fp32 there");
  if (options.precision == Precision::kFloat16 && !is_gpu)
    fail("cpu: does not compute in fp16; `precision` is one of auto, bf16, fp32, int8 there");
  return options;
}

}  // namespace clipcls
