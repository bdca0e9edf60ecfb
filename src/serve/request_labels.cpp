// Labels that come with requests are embedded on a thread of their own, so that images with known labels do
// not wait for them. What was embedded is kept; the least recently used goes first.
#include "serve/request_labels.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace clipcls {

RequestLabels::RequestLabels(Embed embed, const RequestLabelsOptions& options)
    : embed_(std::move(embed)), options_(options) {
  // One thread: lists are embedded one after the other.
  thread_.start(1, [this](const std::stop_token& stop) { work(stop); });
}

bool RequestLabels::find(LabelSet label_set, OnLabels on_labels) {
  // The whole text and no hash of it: equal keys are equal labels, whatever a client makes up.
  std::string key = write_label_set(label_set);
  std::unique_lock lock(mutex_);
  if (std::shared_ptr<const ServedLabels> labels = find_kept(key)) {
    lock.unlock();
    on_labels(std::move(labels), std::nullopt);
    return true;
  }
  if (wanted_.size() >= options_.max_waiting) return false;
  wanted_.push_back({std::move(key), std::move(label_set), std::move(on_labels)});
  changed_.notify_all();
  return true;
}

std::shared_ptr<const ServedLabels> RequestLabels::find_kept(const std::string& key) {
  const auto found = kept_by_key_.find(key);
  if (found == kept_by_key_.end()) return nullptr;
  // The front is the most recently used; splice() leaves the map's iterators valid.
  kept_.splice(kept_.begin(), kept_, found->second);
  return kept_.front().labels;
}

void RequestLabels::keep(const std::string& key, std::shared_ptr<const ServedLabels> labels) {
  const std::size_t num_rows =
      std::max(labels->classifier.num_answers(), labels->classifier.rule().answer_of_row.size());
  // It would drive out everything, and not fit even then.
  if (num_rows > options_.max_kept_rows) return;
  while (num_kept_rows_ + num_rows > options_.max_kept_rows) {
    num_kept_rows_ -= kept_.back().num_rows;
    kept_by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
  kept_.push_front({key, num_rows, std::move(labels)});
  kept_by_key_[key] = kept_.begin();
  num_kept_rows_ += num_rows;
}

void RequestLabels::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!changed_.wait(lock, stop, [this] { return !wanted_.empty(); })) return;
    const Wanted wanted = std::move(wanted_.front());
    wanted_.pop_front();
    // Another request may have asked for the same meanwhile.
    std::shared_ptr<const ServedLabels> labels = find_kept(wanted.key);
    std::optional<Error> error;
    lock.unlock();
    if (!labels) {
      try {
        labels = embed_(wanted.label_set);
      } catch (const Error& failure) {
        error = failure;
      } catch (const std::exception& failure) {
        error = Error(ErrorKind::kModel, failure.what());
      }
      lock.lock();
      if (labels) keep(wanted.key, labels);
      lock.unlock();
    }
    wanted.on_labels(std::move(labels), error);
    lock.lock();
  }
}

}  // namespace clipcls
