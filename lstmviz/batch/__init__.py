"""Many films as one run: on the processors of this machine, or on those of a cluster.

Imports `films` and what is below. Begin with `run`; `job` is one film, `manifest` says what is
there already, `package` and `cluster` bring jobs to other machines.
"""

from __future__ import annotations

from lstmviz.batch.job import Job
from lstmviz.batch.run import Done, Report, batch

__all__ = ["Done", "Job", "Report", "batch"]
