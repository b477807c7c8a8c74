"""Many tests at once: at most 5 % of what is named is a false alarm."""

import numpy as np
import numpy.typing as npt
from scipy.stats import false_discovery_control

Floats = npt.NDArray[np.float64]
FDR = 0.05


def q_values(p: Floats) -> Floats:
    """Adjusted p values of Benjamini and Hochberg, 1995; naming all with q <= 0.05 keeps false alarms to 5 % of them.

    Holds for tests that are independent or depend positively, as neighbours on a floor do (Benjamini & Yekutieli 2001).

    Args:
        p: any shape; nan where nothing was tested, which stays nan and does not count as a test.
    """
    p = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(p)
    q = np.full(p.shape, np.nan)
    if tested.any():
        q[tested] = false_discovery_control(p[tested], method="bh")
    return q
