"""How long a job still takes, from the speed measured at each place of the disk. Pure.

A hard disk slows down towards its inner tracks, to about half: the mean since
the start promises too much at first. What has been measured at a place (by an
earlier pass) is believed first, scaled by how fast the disk is now; elsewhere
the fall seen so far is carried on.
"""

from __future__ import annotations

BUCKETS = 200
# Outer to inner ratio of 3.5 and 2.5 inch disks is near 2:1 (zoned bit recording).
USUAL_FALL = 0.5
STEEPEST_FALL = 0.65


class Curve:
    """Seconds and bytes measured in each two-hundredth of the disk, for one sweep."""

    def __init__(self, size_bytes: int, falls: bool) -> None:
        self._size = max(size_bytes, 1)
        self._falls = falls
        self._bytes = [0.0] * BUCKETS
        self._seconds = [0.0] * BUCKETS
        self._last = -1

    def add(self, start: int, end: int, seconds: float) -> None:
        """[start, end) took `seconds`."""
        width = self._size / BUCKETS
        if end <= start or seconds < 0:
            return
        position = float(start)
        while position < end:
            bucket = min(int(position / width), BUCKETS - 1)
            upto = float(end) if bucket == BUCKETS - 1 else min(float(end), (bucket + 1) * width)
            part = max(upto - position, 1.0)
            self._bytes[bucket] += part
            self._seconds[bucket] += seconds * part / (end - start)
            self._last = max(self._last, bucket)
            position += part

    def rate(self, bucket: int) -> float | None:
        """Bytes a second measured in a bucket."""
        if not self._bytes[bucket] or self._seconds[bucket] <= 0:
            return None
        return self._bytes[bucket] / self._seconds[bucket]

    def recent(self) -> float | None:
        """Bytes a second over the newest few buckets."""
        first = max(self._last - 3, 0)
        got = sum(self._bytes[first : self._last + 1])
        took = sum(self._seconds[first : self._last + 1])
        return got / took if got and took > 0 else None

    def _fall(self) -> float:
        """Speed lost from first to last track, as a share of the first track's speed."""
        if not self._falls:
            return 0.0
        points = [
            (bucket / BUCKETS, rate)
            for bucket in range(BUCKETS)
            if (rate := self.rate(bucket)) is not None
        ]
        if len(points) < BUCKETS // 5:
            return USUAL_FALL
        mean_x = sum(x for x, _ in points) / len(points)
        mean_y = sum(y for _, y in points) / len(points)
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        if spread <= 0:
            return USUAL_FALL
        slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
        outer = mean_y - slope * mean_x
        return min(max(-slope / outer, 0.0), STEEPEST_FALL) if outer > 0 else USUAL_FALL

    def left_s(self, position: int, earlier: Curve | None = None) -> float | None:
        """Seconds from `position` to the end; `None` before anything was measured."""
        now = self.recent() or (earlier.recent() if earlier else None)
        if now is None:
            return None
        width = self._size / BUCKETS
        here = min(max(self._last, 0), BUCKETS - 1)
        before = earlier.rate(here) if earlier else None
        scale = now / before if before and self._last >= 0 else 1.0
        fall = self._fall()
        at_here = 1.0 - fall * here / BUCKETS
        seconds = 0.0
        for bucket in range(min(int(position / width), BUCKETS), BUCKETS):
            known = self.rate(bucket) if bucket <= self._last else None
            then = earlier.rate(bucket) if earlier else None
            if known is None and then is not None:
                known = then * scale
            if known is None:
                known = now * (1.0 - fall * bucket / BUCKETS) / at_here
            share = min((bucket + 1) * width, self._size) - max(bucket * width, float(position))
            seconds += max(share, 0.0) / known
        return seconds
