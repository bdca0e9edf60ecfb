#include "trial_picture.h"

#include <optional>
#include <string>
#include <utility>

#include "clipcls/error.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

/// The cosine of its features with `expected`; 0 where it cannot compute them.
double cosine_with(SharedEncoder& encoder, const at::Tensor& picture, const EncoderCall& call,
                   const Matrix& expected) {
  try {
    return smallest_cosine(encoder.use([&](Encoder& reduced) { return reduced.encode(picture, call); }),
                           expected);
  } catch (const Error&) {
    return 0;
  }
}

/// Nothing: the model's files are gone since the run began. It goes on with what it has, and is not tried.
std::optional<Encoder> load_if_there(const std::function<Encoder()>& load) {
  try {
    return load();
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

TrialPicture::TrialPicture(std::function<Encoder()> load_exact, Precision precision, OnMessage on_warning)
    : load_exact_(std::move(load_exact)), precision_(precision), on_warning_(std::move(on_warning)) {}

void TrialPicture::try_once(SharedEncoder& encoder, const at::Tensor& pictures, const EncoderCall& call) {
  std::call_once(is_tried_, [&] {
    const at::Tensor picture = pictures.narrow(0, 0, 1);
    std::optional<Encoder> exact = load_if_there(load_exact_);
    if (!exact) return;
    const double cosine = cosine_with(encoder, picture, call, exact->encode(picture, {call.num_threads}));
    const double least = least_cosine(precision_);
    if (cosine >= least) return;
    const std::string note = "fp32 instead of " + std::string(precision_name(precision_)) +
                             ", which this machine computes wrongly (cosine " + cosine_digits(cosine) +
                             " with fp32 on the first picture, at least " + shortest_digits(least) +
                             " is right)";
    exact->set_note(note);
    encoder.replace(*std::move(exact));
    encoder.optimize(/*weight_bits=*/0, /*copies_weights=*/true);
    on_warning_(note);
  });
}

}  // namespace clipcls
