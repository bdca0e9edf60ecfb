#include "serve/serve_metrics.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(ServeMetricsTest, AHistogramCountsWhatIsAtMostItsBound) {
  Histogram histogram({0.5, 2});
  for (const double value : {0.25, 0.5, 0.75, 2.0, 3.0}) histogram.observe(value);
  std::string text;
  histogram.write("x", text);
  EXPECT_EQ(text,
            "x_bucket{le=\"0.5\"} 2\nx_bucket{le=\"2\"} 4\nx_bucket{le=\"+Inf\"} 5\nx_sum 6.5\nx_count 5\n");
}

TEST(ServeMetricsTest, WritesWhatWasNoted) {
  ServeMetrics metrics;
  metrics.note_response("/classify", 200, 0.03);
  metrics.note_response("/classify", 200, 0.3);
  metrics.note_response("other", 404, 0);
  metrics.note_batch(7);
  metrics.note_image(true);
  metrics.note_image(false);
  EXPECT_EQ(metrics.num_requests(), 3U);
  EXPECT_EQ(metrics.num_classified(), 1U);
  const std::string text = metrics.write(4, 9);
  for (const char* line :
       {"clipcls_http_requests_total{path=\"/classify\",code=\"200\"} 2\n",
        "clipcls_http_requests_total{path=\"other\",code=\"404\"} 1\n", "clipcls_classify_seconds_count 2\n",
        "clipcls_classify_seconds_bucket{le=\"0.05\"} 1\n", "clipcls_batch_size_bucket{le=\"4\"} 0\n",
        "clipcls_batch_size_bucket{le=\"8\"} 1\n", "clipcls_images_total{result=\"failed\"} 1\n",
        "clipcls_queue_depth 4\n", "clipcls_connections 9\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace clipcls
