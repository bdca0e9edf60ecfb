// A main() for compilers without libFuzzer: clipcls_fuzz_replay (TARGET FILE...)... has the targets that it
// is built with, runs each over files and the files of folders, in the order of their names, and fails where
// it has none.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "fuzz/fuzzer.h"

namespace clipcls {

std::map<std::string, FuzzTarget>& fuzz_targets() {
  static std::map<std::string, FuzzTarget> targets;
  return targets;
}

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
  if (!fs::is_directory(path)) return {path};
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

/// False: the file cannot be read.
bool replay(const std::string& name, FuzzTarget target, const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    std::cerr << path.string() << ": cannot be read\n";
    return false;
  }
  std::cout << name << ": " << path.string()
            << std::endl;  // flushed: it names the file that ends the process
  target(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

int replay_all(const std::vector<std::string>& arguments) {
  std::map<std::string, std::size_t> num_files;
  auto target = fuzz_targets().end();
  for (const std::string& argument : arguments) {
    if (const auto named = fuzz_targets().find(argument); named != fuzz_targets().end()) {
      target = named;
      num_files[target->first] = 0;
      // No target finds what another one wrote.
      for (const fs::directory_entry& entry : fs::directory_iterator(folder_of_inputs().path()))
        fs::remove_all(entry);
      continue;
    }
    if (target == fuzz_targets().end()) {
      std::cerr << argument << ": no such target\n";
      return 2;
    }
    for (const fs::path& path : files_of(argument)) {
      if (!replay(target->first, target->second, path)) return 2;
      ++num_files[target->first];
    }
  }
  for (const auto& [name, count] : num_files) {
    std::cout << name << ": " << count << " files\n";
    if (count == 0) return 2;
  }
  return num_files.empty() ? 2 : 0;
}

}  // namespace
}  // namespace clipcls

int main(int argc, char** argv) { return clipcls::replay_all({argv + 1, argv + argc}); }
