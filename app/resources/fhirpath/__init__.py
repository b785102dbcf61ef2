"""FHIRPath, the part of it that names elements of a resource (FHIRPath N1; fhirpath.html).

Member access, indexers, literals, comparisons, `and`, `or`, `|`, and the functions of `syntax.FUNCTIONS`. Whatever
repeats, resolves, matches patterns or asks the clock is refused by its name when the expression is read. Length, depth
and steps are bounded, so that every expression ends, and soon.
"""

from __future__ import annotations

from app.resources.fhirpath.evaluation import Evaluation, Item, Steps
from app.resources.fhirpath.syntax import Expression, parse

__all__ = ["Evaluation", "Expression", "Item", "Steps", "parse"]
