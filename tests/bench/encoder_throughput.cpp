// How many images a second the image encoder takes, without decoding: clipcls' side of scripts/bench_peers.
//
//   encoder_throughput MODEL PRECISION BATCH_SIZE NUM_ENCODERS NUM_THREADS INPUTS.npy FEATURES.npy
//
// INPUTS.npy: float32 [n, 3 * image_size * image_size]. Writes the features of all inputs to FEATURES.npy, so
// that the answer can be checked, and prints "ready". Then, for each line of standard input, a number of
// seconds: encodes the inputs again and again for so long and prints "NUM_IMAGES SECONDS".
#include <atomic>
#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "model/load_model_folder.h"
#include "pipeline/npy_file.h"

namespace clipcls {
namespace {

using Clock = std::chrono::steady_clock;

const std::map<std::string, Precision> kPrecisions = {
    {"fp32", Precision::kFloat32}, {"bf16", Precision::kBfloat16}, {"int8", Precision::kInt8}};

void write_features(const ImageEncoder& encoder, std::size_t embed_dim, const NpyMatrix& inputs,
                    std::size_t batch_size, const std::string& path) {
  NpyWriter writer(path, embed_dim);
  for (std::size_t begin = 0; begin < inputs.rows(); begin += batch_size) {
    const std::size_t rows = std::min(batch_size, inputs.rows() - begin);
    const Matrix features = encoder.encode(inputs.block(begin, rows), rows);
    for (std::size_t row = 0; row < rows; ++row) writer.append(features.row(row));
  }
  writer.finish();
}

/// Full batches alone, so that every call is of one size.
void measure(const ImageEncoder& image_encoder, const NpyMatrix& inputs, const EncodingPlan& plan,
             double seconds) {
  const std::size_t num_batches = inputs.rows() / plan.batch_size;
  std::atomic<std::size_t> num_encoded = 0;
  const auto start = Clock::now();
  const auto end = start + std::chrono::duration<double>(seconds);
  {
    std::vector<std::jthread> encoders;
    for (std::size_t encoder = 0; encoder < plan.num_encoders; ++encoder) {
      encoders.emplace_back([&, encoder] {
        for (std::size_t batch = encoder; Clock::now() < end; ++batch) {
          const std::size_t begin = batch % num_batches * plan.batch_size;
          image_encoder.encode(inputs.block(begin, plan.batch_size), plan.batch_size);
          num_encoded += plan.batch_size;
        }
      });
    }
  }
  std::cout << num_encoded << ' ' << std::chrono::duration<double>(Clock::now() - start).count() << std::endl;
}

void run(const std::vector<std::string>& arguments) {
  EncodingPlan plan;
  plan.batch_size = std::stoul(arguments[3]);
  plan.num_encoders = std::stoul(arguments[4]);
  plan.num_workers = std::stoul(arguments[5]);
  plan.num_images = 1000000;
  const NpyMatrix inputs(arguments[6]);
  const std::unique_ptr<ClipModel> model =
      load_model_folder(arguments[1], {static_cast<int>(plan.num_workers), kPrecisions.at(arguments[2]), {}});
  if (inputs.cols() != model->config().image.num_pixel_values() || inputs.rows() < plan.batch_size)
    throw std::runtime_error("INPUTS.npy does not fit the model or the batch size");
  const auto encoder = model->prepare_images(plan);
  write_features(*encoder, model->config().embed_dim, inputs, plan.batch_size, arguments[7]);
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) measure(*encoder, inputs, plan, std::stod(line));
}

}  // namespace
}  // namespace clipcls

int main(int argc, char** argv) {
  if (argc != 8) {
    std::cerr << "usage: encoder_throughput MODEL PRECISION BATCH_SIZE NUM_ENCODERS NUM_THREADS INPUTS.npy "
                 "FEATURES.npy\n";
    return 2;
  }
  try {
    clipcls::run({argv, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "encoder_throughput: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
