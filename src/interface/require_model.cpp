#include "interface/require_model.h"

#include "base/closest_word.h"
#include "model/find_model.h"
#if CLIPCLS_WITH_FETCH
#include "fetch/model_catalogue.h"
#endif

namespace clipcls {
namespace {

[[noreturn]] void say_how_to_fetch(const ModelNotFound& error) {
#if CLIPCLS_WITH_FETCH
  // Throws where no repository can have that name.
  const bool is_on_hub = find_hub_reference(error.model()).has_value();
  const PublishedModel* published = find_published_model(error.model());
  if (is_on_hub || published != nullptr) {
    const bool is_exported = published != nullptr && !published->open_clip_name.empty();
    throw Error(ErrorKind::kModel, error.place() + "; clipcls model fetch " + error.model() +
                                       (is_exported ? " says how to export it with Python" : " gets it"));
  }
  const std::string meant = closest_word(error.model(), names_of_published_models());
  // A name that is known here is nearer at hand.
  if (!meant.empty() && !error.has_suggestion()) {
    throw Error(ErrorKind::kModel, std::string(error.what()) + "; perhaps " + meant +
                                       " is meant: clipcls model fetch " + meant + " gets it");
  }
#endif
  throw error;
}

}  // namespace

std::filesystem::path require_model(const std::string& model) {
  try {
    return find_model(model);
  } catch (const ModelNotFound& error) {
    say_how_to_fetch(error);
  }
}

std::filesystem::path require_model_folder(const std::string& model) {
  try {
    return find_model_folder(model);
  } catch (const ModelNotFound& error) {
    say_how_to_fetch(error);
  }
}

}  // namespace clipcls
