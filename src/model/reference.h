#pragma once

#include "clipcls/model/clip_model.h"
#include "clipcls/model/model_reference.h"
#include "clipcls/text/tokenizer.h"

namespace clipcls {

/// What `model` and `tokenizer` make of the pictures and texts of every reference, on this machine.
ModelReference make_reference(ClipModel& model, const Tokenizer& tokenizer);

}  // namespace clipcls
