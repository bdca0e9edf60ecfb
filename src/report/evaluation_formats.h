#pragma once

#include "report/evaluation_report.h"

namespace clipcls {

void write_evaluation_text(std::ostream& output, const Evaluation& evaluation);
void write_evaluation_json(std::ostream& output, const Evaluation& evaluation);
void write_evaluation_html(std::ostream& output, const Evaluation& evaluation);

/// "63.33%"; "-" where there is none
std::string percent(std::optional<double> share);

/// "+5.00 (-3.33 to +13.33)" in percentage points
std::string difference_text(const PairedComparison& comparison);

/// Which answer the images of `target` were taken for most often besides itself, with its number; none where
/// all are right.
struct Confusion {
  std::size_t predicted = 0;
  std::size_t num_images = 0;
};
std::optional<Confusion> most_frequent_confusion(const Metrics& metrics, std::size_t target);

}  // namespace clipcls
