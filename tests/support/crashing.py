"""A process that is gone after so many steps: each call to an engine is a step."""

CALLS = {"find", "insert_new", "replace_if", "update", "update_each", "count", "say"}


class Killed(BaseException):
    """What no handler catches: the process is gone."""


class Fuse:
    """Around a real collection or publisher: when so many calls are done the process is gone."""

    def __init__(self, left):
        self.left = left
        self.blown = False

    def around(self, part):
        return Fused(part, self)


class Fused:
    def __init__(self, part, fuse):
        self._part = part
        self._fuse = fuse

    def __getattr__(self, name):
        act = getattr(self._part, name)
        return self._then_killed(act) if name in CALLS else act

    def _then_killed(self, act):
        async def acting(*given, **named):
            done = await act(*given, **named)
            self._fuse.left -= 1
            if self._fuse.left == 0:
                self._fuse.blown = True
                raise Killed
            return done

        return acting
