#include "tokenizer_file.h"

#include <cstring>

#include "base/content_hash.h"
#include "base/round_up.h"
#include "text/tokenizer_checksum.h"

namespace clipcls {
namespace {

constexpr std::array<char, 8> kMagic = {'c', 'l', 'i', 'p', 't', 'o', 'k', '\n'};
constexpr std::uint32_t kFileVersion = 1;
constexpr std::uint64_t kAlignment = 8;

struct SectionPlace {
  std::uint64_t offset;
  std::uint64_t size;
};

struct TokenizerHeader {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t num_sections;
  std::uint64_t num_bytes;       ///< of the whole file
  ContentHash::Digest checksum;  ///< of all that follows the header
  std::array<SectionPlace, kNumTokenizerSections> sections;
};

ContentHash hash_sections(std::string_view bytes) {
  ContentHash hash;
  hash.add_bytes(std::as_bytes(std::span(bytes.substr(sizeof(TokenizerHeader)))));
  return hash;
}

TokenizerHeader read_header(std::string_view bytes) {
  TokenizerHeader header;
  if (bytes.size() < sizeof(header)) refuse_tokenizer("is no tokenizer of clipcls, or is cut short");
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != kMagic) refuse_tokenizer("is no tokenizer of clipcls");
  if (header.version != kFileVersion || header.num_sections != kNumTokenizerSections) {
    refuse_tokenizer("has version " + std::to_string(header.version) + ", and this clipcls reads version " +
                     std::to_string(kFileVersion) + "; import the model again");
  }
  if (header.num_bytes != bytes.size()) {
    refuse_tokenizer("has " + std::to_string(bytes.size()) + " bytes, expected " +
                     std::to_string(header.num_bytes));
  }
  return header;
}

}  // namespace

std::string write_tokenizer_file(const TokenizerSections& sections) {
  TokenizerHeader header{};
  header.magic = kMagic;
  header.version = kFileVersion;
  header.num_sections = kNumTokenizerSections;
  auto end = round_up<std::uint64_t>(sizeof(header), kAlignment);
  for (std::size_t i = 0; i < sections.size(); ++i) {
    header.sections[i] = {end, sections[i].size()};
    end += round_up<std::uint64_t>(sections[i].size(), kAlignment);
  }
  header.num_bytes = end;
  std::string bytes(end, '\0');
  for (std::size_t i = 0; i < sections.size(); ++i)
    sections[i].copy(bytes.data() + header.sections[i].offset, sections[i].size());
  header.checksum = hash_sections(bytes).digest();
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

std::string stored_tokenizer_checksum(std::string_view bytes) {
  std::string digits;
  for (const std::uint8_t byte : read_header(bytes).checksum) {
    for (const int digit : {byte >> 4, byte & 15}) digits += "0123456789abcdef"[digit];
  }
  return digits;
}

bool has_right_tokenizer_checksum(std::string_view bytes) {
  return read_header(bytes).checksum == hash_sections(bytes).digest();
}

TokenizerSections read_tokenizer_file(std::string_view bytes) {
  const TokenizerHeader header = read_header(bytes);
  TokenizerSections sections;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const SectionPlace& place = header.sections[i];
    if (place.offset > bytes.size() || place.size > bytes.size() - place.offset ||
        place.offset % kAlignment != 0)
      refuse_tokenizer("has a section that lies outside of the file");
    sections[i] = bytes.substr(place.offset, place.size);
  }
  return sections;
}

}  // namespace clipcls
