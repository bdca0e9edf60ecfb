#include "model/model_fingerprint.h"

#include <bit>
#include <optional>
#include <system_error>

#include "base/content_hash.h"
#include "checkpoint/tensor_checksums.h"
#include "clipcls/error.h"
#include "files/mapped_file.h"
#include "files/read_file.h"
#include "folder_architecture.h"
#include "json/write_json.h"
#include "model/archive_fingerprint.h"
#include "text/tokenizer_checksum.h"

namespace clipcls {
namespace {

// Counts the changes of our own encoders (src/model/libtorch) that give other features from the same weights.
constexpr std::uint64_t kTowersVersion = 2;

/// What stands for an encoder's file. `fields`: what config.json says of an encoder that is built here.
std::optional<std::string> encoder_fingerprint(const std::filesystem::path& file, bool is_built,
                                               const nlohmann::ordered_json& fields) {
  if (!is_built) return archive_fingerprint(file);
  const auto tensors = tensors_fingerprint(file);
  if (!tensors) return std::nullopt;
  ContentHash hash;
  hash.add_text(*tensors);
  hash.add_text(write_json(fields));
  hash.add_number(kTowersVersion);
  return hash.hex_digest();
}

std::string image_fingerprint(const std::filesystem::path& folder, const ModelConfig& config) {
  const ModelArchitecture& architecture = config.architecture;
  const auto archive =
      encoder_fingerprint(encoder_files(folder, architecture).image, architecture.builds_image_encoder,
                          image_encoder_fields(architecture.clip));
  if (!archive) return {};
  ContentHash hash;
  // The tower's name, so that equal contents of both never give one fingerprint.
  hash.add_text("image");
  hash.add_text(*archive);
  hash.add_number(config.embed_dim);
  hash.add_number(static_cast<std::uint64_t>(config.image.image_size));
  // The bits of the number: any text of it might round.
  for (const float mean : config.image.image_mean) hash.add_number(std::bit_cast<std::uint32_t>(mean));
  for (const float deviation : config.image.image_std)
    hash.add_number(std::bit_cast<std::uint32_t>(deviation));
  hash.add_number(static_cast<std::uint64_t>(config.image.interpolation));
  hash.add_number(static_cast<std::uint64_t>(config.image.resize_mode));
  // Nothing where it is false: features that were kept before the field was there stay valid.
  if (config.image.crop_rounds_down) hash.add_number(1);
  return hash.hex_digest();
}

/// What stands for the vocabulary: the checksum that tokenizer.bin has, or the text of merges.txt, "" where
/// there is none; nothing where it holds none.
std::optional<std::string> vocabulary_fingerprint(const std::filesystem::path& folder, bool has_own) {
  std::error_code error;
  const std::filesystem::path merges = folder / "merges.txt";
  if (!has_own && !std::filesystem::exists(merges, error)) return "";
  if (!has_own) return read_file(merges, ErrorKind::kModel);
  const MappedFile file(folder / "tokenizer.bin", MappedFile::Access::kRead, ErrorKind::kModel);
  try {
    return stored_tokenizer_checksum(file.text());
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string text_fingerprint(const std::filesystem::path& folder, const ModelConfig& config) {
  const ModelArchitecture& architecture = config.architecture;
  const auto archive =
      encoder_fingerprint(encoder_files(folder, architecture).text, architecture.builds_text_encoder,
                          text_encoder_fields(architecture.clip));
  const auto vocabulary = vocabulary_fingerprint(folder, config.text.cleaning.has_value());
  if (!archive || !vocabulary) return {};
  ContentHash hash;
  hash.add_text("text");
  hash.add_text(*archive);
  hash.add_text(*vocabulary);
  if (config.text.cleaning) hash.add_number(static_cast<std::uint64_t>(*config.text.cleaning));
  hash.add_number(config.embed_dim);
  hash.add_number(config.text.context_length);
  for (const std::int64_t value :
       {config.text.vocab_size, config.text.sot_token_id, config.text.eot_token_id, config.text.pad_token_id})
    hash.add_number(static_cast<std::uint64_t>(value));
  return hash.hex_digest();
}

/// "" where it reads what cannot be read.
template <typename Fingerprint>
auto or_nothing(const Fingerprint& fingerprint) -> decltype(fingerprint()) {
  try {
    return fingerprint();
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

ModelFingerprints folder_fingerprints(const std::filesystem::path& folder, const ModelConfig& config) {
  return {or_nothing([&] { return image_fingerprint(folder, config); }),
          or_nothing([&] { return text_fingerprint(folder, config); })};
}

ModelFingerprints read_folder_fingerprints(const std::filesystem::path& folder, const ModelConfig& config) {
  return {image_fingerprint(folder, config), text_fingerprint(folder, config)};
}

ModelFingerprints openai_fingerprints(const std::filesystem::path& file) {
  const auto archive = or_nothing([&] { return archive_fingerprint(file); });
  if (!archive) return {};
  const auto of = [&](const char* tower) {
    ContentHash hash;
    hash.add_text(tower);
    hash.add_text(*archive);
    hash.add_number(kTowersVersion);
    return hash.hex_digest();
  };
  return {of("OpenAI image"), of("OpenAI text")};
}

}  // namespace clipcls
