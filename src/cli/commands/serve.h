#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/flags/batch_flags.h"
#include "cli/flags/cache_flags.h"
#include "cli/flags/decode_flags.h"
#include "cli/flags/label_flags.h"
#include "cli/flags/message_flags.h"
#include "cli/flags/model_flags.h"
#include "cli/flags/score_flags.h"

namespace clipcls {

class CommandDeclaration;

/// `clipcls serve`
struct ServeFlags {
  std::string host = "127.0.0.1";
  int port = 8080;                      ///< 0: one that is free
  std::string socket;                   ///< a Unix socket in place of both; empty: none
  std::vector<std::string> label_sets;  ///< "[NAME=]FILE|NAME"
  PromptFlags prompts;
  ScoreFlags scores;
  MultiLabelFlags multi_label;
  std::size_t top_k = 5;
  DecodeFlags decode;
  BatchFlags batch;
  ModelFlags model;
  MessageFlags messages;
  CacheFlags cache;
  std::uint64_t max_body_megabytes = 16;
  std::size_t max_waiting = 128;
  std::size_t max_connections = 512;
  std::size_t max_request_labels = 1000;
  int timeout_seconds = 30;
  int window_milliseconds = 5;

  void add(CommandDeclaration& command);
  void add_limits(CommandDeclaration& command);
  /// Throws Error (kUsage) where flags contradict each other.
  void validate() const;
};

/// Answers until it is asked to end. Returns the exit code. Throws Error before it listens.
int serve(const ServeFlags& flags, std::size_t top_k);

}  // namespace clipcls
