#pragma once

namespace clipcls {

class Program;

// Each adds one command to the program: its flags, its checks and what it does, all in the file of its name.

void add_cache_clear(Program& program);
void add_cache_info(Program& program);
void add_calibrate(Program& program);
void add_classify(Program& program);
void add_completion(Program& program);
void add_doctor(Program& program);
void add_embed(Program& program);
void add_eval(Program& program);
void add_formats(Program& program);
void add_help(Program& program);
void add_labels_check(Program& program);
void add_labels_list(Program& program);
void add_labels_show(Program& program);
void add_man(Program& program);
void add_model_fetch(Program& program);
void add_model_import(Program& program);
void add_model_info(Program& program);
void add_model_list(Program& program);
void add_model_verify(Program& program);
void add_serve(Program& program);
void add_tokenize(Program& program);
void add_undo(Program& program);
void add_version(Program& program);

}  // namespace clipcls
