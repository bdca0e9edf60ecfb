# Runs at installation: the program writes its manual page and completions where shells look for them.
# clipcls_program: the program; clipcls_data, clipcls_man: the folders of share and man, under the prefix.
function(install_output file)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
  set(destination "$ENV{DESTDIR}${file}")
  message(STATUS "Installing: ${destination}")
  cmake_path(GET destination PARENT_PATH folder)
  file(MAKE_DIRECTORY "${folder}")
  execute_process(COMMAND "${clipcls_program}" ${ARGN} OUTPUT_FILE "${destination}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

install_output("${clipcls_man}/man1/clipcls.1" man)
install_output("${clipcls_data}/bash-completion/completions/clipcls" completion bash)
install_output("${clipcls_data}/zsh/site-functions/_clipcls" completion zsh)
install_output("${clipcls_data}/fish/vendor_completions.d/clipcls.fish" completion fish)
