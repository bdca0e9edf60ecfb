// What the cores can add up at most in float32, at the level that CLIPCLS_MAX_ISA allows: the roof of every
// product.
//
//   peak_flops NUM_THREADS
//
// Prints "ready". Then, for each line of standard input, a number of seconds: multiplies and adds for so long
// on all threads and prints "NUM_OPERATIONS SECONDS".
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#define CLIPCLS_KERNEL "peak_kernel-inl.h"
#include "processor/for_each_processor-inl.h"

namespace clipcls {
namespace {

using Clock = std::chrono::steady_clock;

void measure(int num_threads, double seconds) {
  std::atomic<std::int64_t> num_operations = 0;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(seconds);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < num_threads; ++thread) {
      threads.emplace_back([&] {
        float sum = 0;
        while (Clock::now() < end)
          num_operations +=
              CLIPCLS_FUNCTION_FOR(this_kernel_variant(), multiply_and_add)(100'000, 0.5F, &sum);
      });
    }
  }
  std::cout << num_operations << ' ' << std::chrono::duration<double>(Clock::now() - start).count()
            << std::endl;
}

}  // namespace
}  // namespace clipcls

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::cout << "ready" << std::endl;
  double seconds = 0;
  while (std::cin >> seconds) clipcls::measure(std::stoi(argv[1]), seconds);
  return 0;
}
