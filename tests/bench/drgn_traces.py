# SPDX-License-Identifier: GPL-2.0-or-later
# drgn's script: the traces of all CPUs, or with an argument of all tasks.
import sys

from drgn.helpers.linux.cpumask import for_each_online_cpu
from drgn.helpers.linux.pid import for_each_task
from drgn.helpers.linux.sched import cpu_curr

if sys.argv[1:]:
    every = for_each_task(prog)
else:
    every = (cpu_curr(prog, cpu) for cpu in for_each_online_cpu(prog))
for task in every:
    print(task.pid.value_())
    try:
        print(prog.stack_trace(task))
    except (LookupError, ValueError, NotImplementedError) as e:
        print(e)
