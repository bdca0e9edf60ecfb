#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/environment.h"
#include "cli/commands/commands.h"
#include "cli/flags/cache_flags.h"
#include "cli/flags/document_format.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "image/decode_image.h"
#include "image/decode_sandbox.h"
#include "interface/require_model.h"
#include "json/write_json.h"
#include "model/load_model.h"
#include "model/model_folders.h"
#include "model/precision_trial.h"
#include "model/torch_library.h"
#include "processor/processor.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr double kTrialSeconds = 2.5;  // a precision
constexpr std::uint64_t kFewFiles = 256;

struct DoctorFlags {
  std::string model;
  CacheFlags cache;
  DocumentFormat format = DocumentFormat::kText;
};

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  }
  return "unknown";
}

const char* level_name(KernelVariant variant) {
  switch (variant) {
    case KernelVariant::kAnyProcessor:
      return "x86-64-v2";
    case KernelVariant::kAvx2:
      return "avx2";
    case KernelVariant::kAvxVnni:
      return "avx_vnni";
    case KernelVariant::kAvx512:
      return "avx512";
    case KernelVariant::kAvx512Vnni:
      return "avx512_vnni";
    case KernelVariant::kAvx512Bf16:
      return "avx512_bf16";
  }
  return "";
}

ordered_json describe_processor() {
  const ProcessorFeatures has = read_processor();
  ordered_json features = ordered_json::array();
  for (const auto& [name, is_there] :
       {std::pair("avx2", has.avx2), std::pair("fma", has.fma), std::pair("avx512f", has.avx512f),
        std::pair("avx_vnni", has.avx_vnni), std::pair("avx512_vnni", has.avx512_vnni),
        std::pair("avx512_bf16", has.avx512_bf16), std::pair("amx_int8", has.amx_int8)}) {
    if (is_there) features.push_back(name);
  }
  const std::string held = variable("CLIPCLS_MAX_ISA");
  return {{"name", processor_name()},
          {"threads", std::thread::hardware_concurrency()},
          {"features", features},
          {"level", level_name(kernel_variant(this_processor()))},
          {"held_to", held.empty() ? ordered_json() : ordered_json(held)},
          {"auto_precision", precision_name(automatic_precision())}};
}

/// The variables that change what the program does, where they are set.
ordered_json describe_environment() {
  ordered_json set = ordered_json::object();
  for (const char* name :
       {"CLIPCLS_MODEL", "CLIPCLS_MODEL_PATH", "CLIPCLS_CACHE_DIR", "CLIPCLS_CONFIG", "XDG_CONFIG_HOME",
        "CLIPCLS_MAX_ISA", "XDG_DATA_HOME", "XDG_CACHE_HOME", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
        "MKL_ENABLE_INSTRUCTIONS", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY",
        "CUDA_VISIBLE_DEVICES", "NO_COLOR", "TERM", "LANG"}) {
    if (const std::string value = variable(name); !value.empty()) set[name] = value;
  }
  return set;
}

ordered_json describe_sandbox() {
  const std::string problem = try_decode_sandbox();
  return {{"works", problem.empty() ? "yes" : "no"}, {"note", problem}};
}

/// The file in effect, and all that it sets: "eval.labels" where that is in a section.
ordered_json describe_configuration(const Configuration& configuration, ordered_json& problems) {
  if (!configuration.problem.empty()) problems.push_back(configuration.problem);
  const std::string& path = configuration.file.path;
  ordered_json described = {{"file", path.empty() ? ordered_json() : ordered_json(path)}};
  for (const ConfigurationKey& key : configuration.file.keys) {
    std::string values;
    for (const std::string& value : key.values) values += (values.empty() ? "" : ", ") + value;
    described["sets"][(key.section.empty() ? "" : key.section + ".") + key.key] = values;
  }
  return described;
}

ordered_json describe_folders() {
  ordered_json folders = ordered_json::array();
  const std::vector<NamedModel> models = list_named_models();
  for (const ModelsFolder& folder : models_folders()) {
    std::string names;
    for (const NamedModel& model : models) {
      if (model.path.parent_path() == folder.path) names += (names.empty() ? "" : ", ") + model.name;
    }
    folders.push_back(
        {{"path", folder.path.string()}, {"where", model_origin_name(folder.origin)}, {"models", names}});
  }
  return folders;
}

ordered_json describe_cache(const CacheFlags& flags) {
  const std::optional<LabelEmbeddingCache> cache = find_cache(flags);
  if (!cache) return {{"folder", ordered_json()}};
  const LabelEmbeddingCache::Usage usage = cache->usage();
  return {{"folder", cache->folder().string()},
          {"entries", usage.num_entries},
          {"bytes", usage.num_bytes},
          {"limit", cache->max_bytes()}};
}

/// Limits of the process (ulimit) that are set; null: no limit.
ordered_json describe_limits(ordered_json& problems) {
  ordered_json limits;
  for (const auto& [name, resource] :
       {std::pair("memory", RLIMIT_AS), std::pair("data", RLIMIT_DATA),
        std::pair("open_files", RLIMIT_NOFILE), std::pair("file_size", RLIMIT_FSIZE),
        std::pair("stack", RLIMIT_STACK)}) {
    rlimit limit{};
    if (getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit) != 0) continue;
    limits[name] = limit.rlim_cur == RLIM_INFINITY ? ordered_json() : ordered_json(limit.rlim_cur);
  }
  if (!limits["open_files"].is_null() && limits["open_files"].get<std::uint64_t>() < kFewFiles)
    problems.push_back("few files may be open at once: ulimit -n says " + limits["open_files"].dump());
  for (const char* name : {"memory", "data"}) {
    if (!limits[name].is_null())
      problems.push_back("memory is limited to " + format_bytes(limits[name].get<std::uint64_t>()) +
                         ": large models may not load");
  }
  if (!limits["file_size"].is_null())
    problems.push_back("files may not grow beyond " + format_bytes(limits["file_size"].get<std::uint64_t>()) +
                       ": ulimit -f");
  return limits;
}

double rounded(double value, double parts) { return std::round(value * parts) / parts; }

/// Fills "model" and "precisions".
void try_model(ordered_json& document, const std::string& name, ordered_json& problems) {
  try {
    const std::filesystem::path path = require_model(name);
    document["model"] = {{"path", path.string()}, {"bytes", size_of_model(path)}};
    const auto load = [&](Precision precision) { return load_model(path, {0, precision, {}}); };
    const ModelConfig config = load(Precision::kFloat32)->config();
    document["model"]["name"] = config.name;
    document["model"]["description"] = config.description;
    for (const PrecisionTrial& trial : try_precisions(load, kTrialSeconds)) {
      ordered_json row = {{"precision", precision_name(trial.precision)},
                          {"images_per_second", rounded(trial.images_per_second, 10)},
                          {"smallest_cosine", rounded(trial.smallest_cosine, 1e6)},
                          {"note", trial.problem.empty() ? trial.note : trial.problem}};
      document["precisions"].push_back(std::move(row));
      if (!trial.problem.empty()) problems.push_back(trial.problem);
    }
  } catch (const Error& error) {
    problems.push_back(error.what());
  }
}

std::string text_of(const ordered_json& value) {
  if (value.is_null()) return "none";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object()) {
    std::string pairs;
    for (const auto& [key, part] : value.items())
      pairs += (pairs.empty() ? "" : "; ") + key + " = " + text_of(part);
    return pairs;
  }
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const ordered_json& part : value) text += (text.empty() ? "" : ", ") + text_of(part);
  return text;
}

void write_section(std::ostream& output, const std::string& title, const ordered_json& value) {
  output << title << '\n';
  std::vector<std::vector<std::string>> rows;
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) rows.push_back({"  " + key, text_of(part)});
  } else {
    for (const ordered_json& part : value) {
      std::vector<std::string>& row = rows.emplace_back();
      if (!part.is_object()) {
        row.push_back("  " + text_of(part));
        continue;
      }
      std::vector<std::string> heads;
      for (const auto& [key, cell] : part.items()) {
        heads.push_back((heads.empty() ? "  " : "") + key);
        row.push_back((row.empty() ? "  " : "") + text_of(cell));
      }
      if (rows.size() == 1) rows.insert(rows.begin(), heads);
    }
  }
  if (rows.empty()) rows.push_back({"  none"});
  write_text_table(output, rows);
}

int examine(const DoctorFlags& flags, const Configuration& configuration) {
  OutputFile output;
  ordered_json problems = ordered_json::array();
  ordered_json document;
  document["clipcls"] = {{"version", CLIPCLS_VERSION}, {"libtorch", ordered_json()}};
  document["processor"] = describe_processor();
  document["environment"] = describe_environment();
  document["configuration"] = describe_configuration(configuration, problems);
  document["model"] = ordered_json::object();
  document["precisions"] = ordered_json::array();
  document["picture_formats"] = ordered_json::array();
  for (const PictureFormat& format : picture_formats()) {
    document["picture_formats"].push_back({{"format", format.name},
                                           {"library", format.library},
                                           {"version", format.version},
                                           {"note", format.problem}});
  }
  document["decode_sandbox"] = describe_sandbox();
  document["model_folders"] = describe_folders();
  document["cache"] = describe_cache(flags.cache);
  document["limits"] = describe_limits(problems);
  try {
    document["clipcls"]["libtorch"] = torch_version();
    try_model(document, flags.model, problems);
  } catch (const Error& error) {
    problems.push_back(error.what());
  }
  document["problems"] = problems;
  if (flags.format == DocumentFormat::kJson) {
    output.stream() << write_json(document, 1) << '\n';
  } else {
    for (const auto& [title, value] : document.items()) write_section(output.stream(), title, value);
  }
  output.check();
  return problems.empty() ? 0 : 1;
}

}  // namespace

void add_doctor(Program& program) {
  CommandDeclaration& command = program.add(
      "doctor",
      "Print what a bug report needs: processor, libtorch, speed of each precision, folders, limits");
  const auto flags = std::make_shared<DoctorFlags>();
  command.add_option("-m,--model", flags->model, "Model to try, as in classifying")
      ->type_name("NAME|PATH")
      ->offers_models();
  flags->cache.add_folder(command);
  command.add_choice("-f,--format", flags->format, kDocumentFormats, "Output format; default: text");
  command.examples({{"clipcls doctor", "look at this machine and the default model"},
                    {"clipcls doctor -m ViT-B/32 -f json > doctor.json", "to attach to a report"}});
  command.exit_codes({{0, "nothing seems wrong"},
                      {1, "there are problems, which the last section names"},
                      {2, "it could not look"}});
  command.tolerate_bad_configuration();
  command.runs([flags, &command] { return examine(*flags, command.configuration()); });
}

}  // namespace clipcls
