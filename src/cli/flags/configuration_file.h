#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace clipcls {

/// The end of every message about the file.
inline constexpr const char* kNoConfigurationRemedy = "; --no-config leaves the file out";

/// A key of the configuration file.
struct ConfigurationKey {
  std::string section;  ///< of the command that it is for: "", "eval", "model.fetch"
  std::string key;      ///< "top-k"
  std::vector<std::string> values;
  std::size_t line = 0;
};

struct ConfigurationFile {
  std::string path;  ///< empty: there is none
  std::vector<ConfigurationKey> keys;

  std::string place_of(const ConfigurationKey& key) const { return path + ":" + std::to_string(key.line); }
};

/// $CLIPCLS_CONFIG (empty: none), else clipcls/config.toml in $XDG_CONFIG_HOME or in ~/.config if it is
/// there. Empty: none. Throws Error (kUsage) where $CLIPCLS_CONFIG names no file.
std::string find_configuration_file();

/// Reads the file that find_configuration_file() finds. Throws Error (kUsage) that names file and line.
ConfigurationFile read_configuration_file();

/// `text` of the file `path`: lines `key = value`, the value being a word, a number, a text in quotes, or a
/// list of those in brackets; sections in brackets; comments behind '#'. Throws Error (kUsage) that names the
/// line.
ConfigurationFile parse_configuration(const std::string& text, const std::string& path);

}  // namespace clipcls
