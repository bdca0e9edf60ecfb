// classify_many MODEL LABELS THREADS FILE...: classifies the files on that many threads, and prints a line
// for each, in order: the file, and its best label with the score, or the error.
#include <clipcls/clipcls.h>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) try {
  if (argc < 5)
    throw clipcls::Error(clipcls::ErrorKind::kUsage, "usage: classify_many MODEL LABELS THREADS FILE...");
  const clipcls::Classifier classifier(clipcls::Model::load(argv[1]), clipcls::Labels::read(argv[2]));
  const std::vector<std::string> files(argv + 4, argv + argc);
  std::vector<std::string> rows(files.size());
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < std::stoi(argv[3]); ++i) {
      threads.emplace_back([&] {
        for (std::size_t file = next++; file < files.size(); file = next++) {
          try {
            const clipcls::Prediction best = classifier.classify(clipcls::Image::read(files[file]), 1).at(0);
            rows[file] = best.label + '\t' + std::to_string(best.score);
          } catch (const clipcls::Error& error) {
            rows[file] = std::string(clipcls::error_kind_name(error.kind())) + '\t' + error.what();
          }
        }
      });
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) std::cout << files[i] << '\t' << rows[i] << '\n';
} catch (const std::exception& error) {
  std::cerr << "classify_many: " << error.what() << '\n';
  return 1;
}
