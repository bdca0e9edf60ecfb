#include "cli/flags/presets.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <string_view>

#include "base/closest_word.h"
#include "base/environment.h"
#include "cli/flags/output_flags.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

/// Flags that write, move or replace files: who runs a command sees them in it.
constexpr std::array<std::string_view, 13> kNeverPreset = {
    "--output",  "--overwrite", "--resume",  "--sort-into",   "--copy",  "--move",         "--link",
    "--symlink", "--write-xmp", "--dry-run", "--save-labels", "--force", "--no-companions"};

/// Flags that set nothing.
constexpr std::array<std::string_view, 3> kNoSettings = {"--help", "--version", "--no-config"};

/// At the top of the file they are for every command: they are about the machine and its model.
constexpr std::array<std::string_view, 7> kShared = {
    "--model", "--device", "--precision", "--threads", "--cache-dir", "--cache-size", "--no-cache"};

struct PresetRule {
  std::string_view preset;
  std::string_view stronger;
};

constexpr std::array<PresetRule, 3> kVariables = {
    {{"--model", "CLIPCLS_MODEL"}, {"--cache-dir", "CLIPCLS_CACHE_DIR"}, {"--color", "NO_COLOR"}}};

/// A preset that goes when the command line has the other flag, which says the same thing otherwise.
constexpr std::array<PresetRule, 13> kGiveWay = {{{"--labels", "--label"},
                                                  {"--label", "--labels"},
                                                  {"--calibration", "--labels"},
                                                  {"--calibration", "--label"},
                                                  {"--template", "--templates"},
                                                  {"--templates", "--template"},
                                                  {"--progress", "--no-progress"},
                                                  {"--progress", "--quiet"},
                                                  {"--no-progress", "--progress"},
                                                  {"--quiet", "--progress"},
                                                  {"--quiet", "--verbose"},
                                                  {"--verbose", "--quiet"},
                                                  {"--timings", "--image-features"}}};

/// A preset that has no meaning without one of these.
constexpr std::array<PresetRule, 7> kNeeded = {{{"--retry-errors", "--resume"},
                                                {"--update", "--resume"},
                                                {"--null", "--files-from"},
                                                {"--xmp-name", "--write-xmp"},
                                                {"--xmp-labels", "--write-xmp"},
                                                {"--min-score", "--write-xmp"},
                                                {"--min-score", "--sort-into"}}};

/// Presets for tables alone.
constexpr std::array<std::string_view, 3> kForTables = {"--long", "--escape-formulas", "--bom"};

bool is_one_of(std::string_view flag, std::span<const std::string_view> flags) {
  return std::ranges::find(flags, flag) != flags.end();
}

/// "model.fetch"
std::string section_of(const CommandDescription& command) {
  std::string text;
  for (auto name = command.names.begin() + 1; name != command.names.end(); ++name)
    text.append(text.empty() ? "" : ".").append(*name);
  return text;
}

/// Every command that does something, by its section.
void collect(const CommandDescription& command, std::vector<const CommandDescription*>& found) {
  if (command.commands.empty() || command.names.size() == 1) found.push_back(&command);
  for (const CommandDescription& below : command.commands) collect(below, found);
}

/// "; perhaps top-k is meant", for "topk", "k" and "--top-k".
std::string perhaps_key(const std::string& key, const CommandDescription& command) {
  const std::string bare = key.substr(std::min(key.find_first_not_of('-'), key.size()));
  for (const std::string& flag : {"--" + bare, "-" + bare}) {
    if (const OptionDescription* const option = command.find_flag(flag); option != nullptr)
      return "; perhaps " + option->long_name().substr(2) + " is meant";
  }
  std::vector<std::string> keys;
  for (const OptionDescription& known : command.options) {
    if (known.long_name().starts_with("--")) keys.push_back(known.long_name().substr(2));
  }
  return perhaps_meant(key, keys);
}

/// "; label takes several", for "labels".
std::string several_of(const std::string& key, const CommandDescription& command) {
  const std::string one = key.substr(0, key.size() - 1);
  const OptionDescription* const option = key.ends_with('s') ? command.find_flag("--" + one) : nullptr;
  return option != nullptr && option->repeats ? "; " + one + " takes several" : "";
}

/// Finds out what keys mean.
class PresetReader {
 public:
  PresetReader(const ConfigurationFile& file, const CommandDescription& program) : file_(file) {
    collect(program, commands_);
  }

  /// The command and the flag that `key` is for.
  std::pair<const CommandDescription*, const OptionDescription*> find(const ConfigurationKey& key) const {
    const auto command = std::ranges::find(
        commands_, key.section, [](const CommandDescription* known) { return section_of(*known); });
    if (command == commands_.end()) {
      std::vector<std::string> sections;
      for (const CommandDescription* known : commands_) sections.push_back(section_of(*known));
      fail(key, "[" + key.section + "] is the section of no command" + perhaps_meant(key.section, sections));
    }
    const std::string flag = "--" + key.key;
    const OptionDescription* const option = (*command)->find_flag(flag);
    if (option == nullptr) {
      fail(key, "there is no key " + key.key + perhaps_key(key.key, **command) + "; keys are the flags of " +
                    (*command)->name() + " --help without --");
    }
    if (is_one_of(flag, kNoSettings)) fail(key, key.key + " belongs on the command line: it sets nothing");
    if (is_one_of(flag, kNeverPreset))
      fail(key, key.key + " belongs on the command line: what writes or moves files is not preset");
    return {*command, option};
  }

  void check_values(const ConfigurationKey& key, const CommandDescription& command,
                    const OptionDescription& option) const {
    if (key.values.size() != 1 && !(option.repeats && key.values.size() > 1))
      fail(key, key.key + " takes one value, and " + std::to_string(key.values.size()) + " are given" +
                    several_of(key.key, command));
    for (const std::string& value : key.values) {
      if (value.empty()) fail(key, key.key + ": its value is empty");
      if (!option.takes_value && value != "true" && value != "false")
        fail(key, key.key + " = " + value + ": is not true or false");
    }
  }

 private:
  [[noreturn]] void fail(const ConfigurationKey& key, const std::string& problem) const {
    throw Error(ErrorKind::kUsage, file_.place_of(key) + ": " + problem + kNoConfigurationRemedy);
  }

  const ConfigurationFile& file_;
  std::vector<const CommandDescription*> commands_;
};

bool is_given(const GivenWords& given, std::string_view flag) {
  return std::ranges::any_of(given.options,
                             [&](const GivenOption& option) { return option.option->long_name() == flag; });
}

/// The last value of a flag on the command line; empty: it is not there.
std::string given_value(const GivenWords& given, std::string_view flag) {
  std::string value;
  for (const GivenOption& option : given.options) {
    if (option.option->long_name() == flag) value = option.value;
  }
  return value;
}

bool gives_way(const OptionDescription& option, const GivenWords& given) {
  const std::string& flag = option.long_name();
  if (is_given(given, flag)) return true;
  for (const auto& [preset, name] : kVariables) {
    if (preset == flag && !variable(std::string(name).c_str()).empty()) return true;
  }
  for (const auto& [preset, stronger] : kGiveWay) {
    if (preset == flag && is_given(given, stronger)) return true;
  }
  // The ending of a file that the command line names says more than a format for all files.
  if (flag == "--format" && !format_of_ending(given_value(given, "--output")).empty()) return true;
  return std::ranges::any_of(option.excludes,
                             [&](const std::string& other) { return is_given(given, other); });
}

bool has_what_it_needs(const OptionDescription& option, const GivenWords& given,
                       const std::vector<Preset>& presets) {
  const auto is_there = [&](std::string_view flag) {
    return is_given(given, flag) || std::ranges::find(presets, flag, &Preset::flag) != presets.end();
  };
  const std::string& flag = option.long_name();
  std::vector<std::string_view> needed;
  for (const auto& [preset, other] : kNeeded) {
    if (preset == flag) needed.push_back(other);
  }
  if (!needed.empty() && std::ranges::none_of(needed, is_there)) return false;
  if (is_one_of(flag, kForTables)) {
    std::string format = given_value(given, "--format");
    if (format.empty()) format = format_of_ending(given_value(given, "--output"));
    const auto preset = std::ranges::find(presets, "--format", &Preset::flag);
    if (format.empty() && preset != presets.end()) format = preset->values.front();
    if (format != "csv" && format != "tsv") return false;
  }
  return std::ranges::all_of(option.needs, is_there);
}

/// A path may begin with the home folder, which a shell puts in place on the command line.
std::string with_home(const std::string& value) {
  return value.starts_with("~/") ? variable("HOME") + value.substr(1) : value;
}

}  // namespace

std::vector<Preset> presets_for(const ConfigurationFile& file, const CommandDescription& program,
                                const GivenWords& given) {
  const PresetReader reader(file, program);
  const CommandDescription& command = *given.command;
  std::vector<Preset> presets;
  const auto find_preset = [&](const std::string& flag) {
    return std::ranges::find(presets, flag, &Preset::flag);
  };
  for (const ConfigurationKey& key : file.keys) {
    const auto [owner, option] = reader.find(key);
    reader.check_values(key, *owner, *option);
    const std::string& flag = option->long_name();
    const OptionDescription* const own = command.find_flag(flag);
    const bool is_shared =
        owner == &program && is_one_of(flag, kShared) && own != nullptr && own->argument == option->argument;
    if ((owner != &command && !is_shared) || gives_way(*own, given)) continue;
    const auto known = find_preset(flag);
    if (known != presets.end() && owner != &command) continue;  // that of the section counts
    if (known != presets.end()) presets.erase(known);
    if (key.values.front() == "false" && !option->takes_value) continue;
    Preset& preset = presets.emplace_back(Preset{flag, key.values, file.place_of(key)});
    std::ranges::transform(preset.values, preset.values.begin(), with_home);
  }
  std::vector<Preset> used;
  std::ranges::copy_if(presets, std::back_inserter(used), [&](const Preset& preset) {
    return has_what_it_needs(*command.find_flag(preset.flag), given, presets);
  });
  return used;
}

std::string say_preset(const std::vector<Preset>& presets, const std::string& message) {
  for (const Preset& preset : presets) {
    for (const std::string& value : preset.values) {
      if (value.size() > 1 && value != "true" && message.find(value) != std::string::npos)
        return "; " + preset.place + " sets " + preset.flag.substr(2);
    }
  }
  return "";
}

}  // namespace clipcls
