#pragma once

#include "model/clip_model.h"
#include "model/model_reference.h"
#include "text/tokenizer.h"

namespace clipcls {

/// What `model` and `tokenizer` make of the pictures and texts of every reference, on this machine.
ModelReference make_reference(ClipModel& model, const Tokenizer& tokenizer);

}  // namespace clipcls
