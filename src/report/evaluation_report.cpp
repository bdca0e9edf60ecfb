#include "evaluation_formats.h"

#include "no_pages.h"

namespace clipcls {

#if defined(CLIPCLS_WITHOUT_PAGES)
void write_evaluation_html(std::ostream& /*output*/, const Evaluation& /*evaluation*/) { throw no_pages(); }
#endif

void write_evaluation(EvaluationFormat format, std::ostream& output, const Evaluation& evaluation) {
  if (format == EvaluationFormat::kText) write_evaluation_text(output, evaluation);
  if (format == EvaluationFormat::kJson) write_evaluation_json(output, evaluation);
  if (format == EvaluationFormat::kHtml) write_evaluation_html(output, evaluation);
}

}  // namespace clipcls
