#pragma once

#include <string>
#include <vector>

#include "cli/flags/command_words.h"
#include "cli/flags/configuration_file.h"

namespace clipcls {

/// A flag that has its value from the configuration file.
struct Preset {
  std::string flag;  ///< "--top-k"
  std::vector<std::string> values;
  std::string place;  ///< "config.toml:3"
};

/// The flags that `file` gives the command of `given`: those of its section, and for every command those that
/// are about the machine (model, device, precision, threads, cache) from the top of the file, which is for
/// classifying. A preset gives way to the command line, to an environment variable for the same thing, and to
/// a flag of the command line that it does not go with. Throws Error (kUsage) that names file, line and what
/// would be right: an unknown section or key, one that may not be there, a value that the flag cannot have.
std::vector<Preset> presets_for(const ConfigurationFile& file, const CommandDescription& program,
                                const GivenWords& given);

/// "; config.toml:3 sets labels" where one of the values is named in `message`; else empty.
std::string say_preset(const std::vector<Preset>& presets, const std::string& message);

}  // namespace clipcls
