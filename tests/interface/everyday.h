#pragma once

#include <string>
#include <vector>

#include "clipcls/clipcls.h"

namespace clipcls {

inline const std::string kEveryday = CLIPCLS_MODELS "/everyday";
inline const std::string kShark = kEveryday + "/shark.png";

/// The bundled model on two threads.
inline const Model& everyday() {
  static const Model model = Model::load(kEveryday, {.num_threads = 2});
  return model;
}

/// `count` pictures that differ: a square that moves.
inline std::vector<Image> make_pictures(int count) {
  constexpr int kSide = 40;
  std::vector<Image> pictures;
  for (int i = 0; i < count; ++i) {
    std::vector<std::uint8_t> pixels(std::size_t{kSide} * kSide * 3, 255);
    for (int y = 0; y < 12; ++y) {
      for (int x = 0; x < 12; ++x) {
        const int row = (i * 5 + y) % kSide;
        const int column = (i * 3 + x) % kSide;
        pixels[static_cast<std::size_t>((row * kSide + column) * 3 + i % 3)] = 0;
      }
    }
    pictures.push_back(Image::from_rgb(pixels, kSide, kSide));
  }
  return pictures;
}

}  // namespace clipcls
