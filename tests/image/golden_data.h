#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/image.h"

namespace clipcls {

/// The small golden data that is committed: tests/data/images.
std::filesystem::path committed_images();

/// The large golden data that scripts/golden/make_image_golden.py writes, or an empty path where it is
/// absent.
std::filesystem::path full_golden();

/// What a test says when it is skipped for want of it.
inline constexpr const char* kNoGolden =
    "set CLIPCLS_GOLDEN_DIR=build/golden after .venv/bin/python scripts/golden/make_image_golden.py --output "
    "build/golden/image";

std::vector<std::uint8_t> read_file(const std::filesystem::path& path);

/// A binary PPM with 255 levels, as Pillow writes it.
RgbImage read_ppm(const std::filesystem::path& path);

/// The picture of generate() in scripts/golden/resize_samples.py.
RgbImage generate_picture(int width, int height, std::uint32_t seed);

/// Empty where both are the same, else how they differ and where first.
std::string difference(const RgbImage& actual, const RgbImage& expected);

/// The picture files in tests/data/images/decode.
std::vector<std::filesystem::path> committed_pictures();

/// What decoding does to `bytes`: "ok", or the error's kind. Any other exception fails the test.
std::string outcome(const std::vector<std::uint8_t>& bytes, const DecodeOptions& options = {});

}  // namespace clipcls
