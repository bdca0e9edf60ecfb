#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/threads.h"
#include "clipcls/error.h"
#include "serve/served_labels.h"
#include "zero_shot/label_set.h"

namespace clipcls {

struct RequestLabelsOptions {
  std::size_t max_kept_rows = 20000;  ///< class embeddings of all label sets that are kept
  std::size_t max_waiting = 64;       ///< label sets that are to be embedded
};

/// Labels that come with requests: embedded once, one list after the other on a thread of their own, and kept
/// in memory; the least recently used go first.
class RequestLabels {
 public:
  /// Embeds labels. Throws Error. Called on the thread of RequestLabels.
  using Embed = std::function<std::shared_ptr<const ServedLabels>(const LabelSet&)>;
  /// Either labels or why there are none.
  using OnLabels = std::function<void(std::shared_ptr<const ServedLabels>, const std::optional<Error>&)>;

  /// The destructor finishes all that was asked for.
  RequestLabels(Embed embed, const RequestLabelsOptions& options = {});

  /// Calls `on_labels` once: at once where the labels are kept, else on the thread of RequestLabels. False:
  /// too many are waiting; it is not called.
  bool find(LabelSet label_set, OnLabels on_labels);

 private:
  struct Kept {
    std::string key;
    std::size_t num_rows = 0;
    std::shared_ptr<const ServedLabels> labels;
  };
  struct Wanted {
    std::string key;
    LabelSet label_set;
    OnLabels on_labels;
  };

  void work(const std::stop_token& stop);
  std::shared_ptr<const ServedLabels> find_kept(const std::string& key);
  void keep(const std::string& key, std::shared_ptr<const ServedLabels> labels);

  Embed embed_;
  RequestLabelsOptions options_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable_any changed_;
  std::list<Kept> kept_;  ///< the last used first
  std::unordered_map<std::string, std::list<Kept>::iterator> kept_by_key_;
  std::size_t num_kept_rows_ = 0;
  std::deque<Wanted> wanted_;
  ThreadGroup thread_;  // the last member: it ends before the others are gone
};

}  // namespace clipcls
