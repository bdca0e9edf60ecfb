#include "encoder_archive.h"

#include <caffe2/serialize/inline_container.h>

#include <string>

#include "clipcls/error.h"
#include "error_reason.h"

namespace clipcls {
namespace {

// Debug records hold paths and line numbers of the machine that wrote them, and no encoder reads them.
bool is_kept(const std::string& record) {
  // The writer writes the latter three itself.
  return !record.ends_with(".debug_pkl") && record != ".data/version" && record != "version" &&
         record != ".data/serialization_id";
}

void copy_records(const std::filesystem::path& from, const std::filesystem::path& to) {
  caffe2::serialize::PyTorchStreamReader reader(from.string());
  caffe2::serialize::PyTorchStreamWriter writer(to.string());
  // The version says which old operators a loader has to translate; the writer's default is an old one.
  writer.setMinVersion(reader.version());
  for (const std::string& name : reader.getAllRecords()) {
    if (!is_kept(name)) continue;
    const auto [data, size] = reader.getRecord(name);
    // Stored without compression, so that weights can be mapped.
    writer.writeRecord(name, data.get(), size);
  }
  writer.writeEndOfFile();
}

}  // namespace

void save_encoder(const torch::jit::Module& encoder, const std::filesystem::path& file) {
  // Module::save() has no option to leave the debug records out, so they are filtered afterwards.
  const std::filesystem::path whole = file.string() + ".whole";
  try {
    encoder.save(whole.string());
    copy_records(whole, file);
    std::filesystem::remove(whole);
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kOutput, file.string() + ": cannot be written: " + reason(error));
  }
}

}  // namespace clipcls
