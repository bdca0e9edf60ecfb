#pragma once

namespace clipcls {

/// Makes OpenMP's threads sleep at the end of a parallel loop in place of spinning. Does nothing where the
/// user has chosen (OMP_WAIT_POLICY, GOMP_SPINCOUNT). Once a process.
///
/// libgomp's threads spin for 300,000 rounds, in hope that the next loop comes at once. Where other programs
/// keep the cores busy, each loop then costs a turn of a core, and one picture takes 1.2 s of processor time
/// in place of 0.4; on an idle machine it makes no difference that can be measured.
void let_openmp_threads_sleep();

}  // namespace clipcls
