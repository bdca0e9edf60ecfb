#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace clipcls {

/// A checksum of a TorchScript archive's contents that costs no more than reading its last pages. Such a file
/// is a zip file, and a zip file's directory holds the name, size and CRC-32 of every record in it: other
/// weights or other code give another directory. 32 hexadecimal digits; the file's own name, place and times
/// do not go into it. Nothing where the file is no zip file, or where its writer left the checksums out
/// (torch.save can be told to, torch.jit.save always writes them). Never throws on what the file holds; Error
/// (kModel) without the file's name where it cannot be read.
std::optional<std::string> archive_fingerprint(const std::filesystem::path& file);

}  // namespace clipcls
