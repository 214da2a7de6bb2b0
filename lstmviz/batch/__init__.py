"""Many films as one run: on the processors of this machine, or on those of a cluster."""

from __future__ import annotations

from lstmviz.batch.job import Job
from lstmviz.batch.run import Done, Report, batch

__all__ = ["Done", "Job", "Report", "batch"]
