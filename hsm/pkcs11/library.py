"""A PKCS #11 module in this process: loaded once, initialised with OS locking, left when nobody uses it.

The standard knows one state of a module per process, so all tokens of one module share it here. Calls
are counted: the module is finalised, or initialised anew after it failed, only while no call is inside
it. A forked child starts with nothing of its parent's and initialises for itself.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hsm.errors import TokenUnavailable
from hsm.pkcs11.cdefs import declared
from hsm.pkcs11.constants import CKF_OS_LOCKING_OK
from hsm.pkcs11.return_values import CKR_CRYPTOKI_ALREADY_INITIALIZED, CKR_OK, Returned, error_of

FFI = declared()
_DRAIN_S = 1.0
_VERSIONS = (2, 3)
_generations = itertools.count(1)


class Library:
    """One module. ``generation`` counts its initialisations: handles of an earlier one are void."""

    def __init__(self, path: str, *, inherited: bool = False) -> None:
        self.path = path
        self._inherited = inherited
        self._binary: Any = None
        self._functions: Any = None
        self._idle = threading.Condition()
        self._calls = 0
        self._changing = False
        self._foreign = False
        self._suspect = False
        self.users = 0
        self.generation = 0

    def call(self, function: str, *arguments: Any) -> None:
        """One call without the GIL; Returned for any value but CKR_OK.

        TokenUnavailable for a function that the module's list has no address of.
        """
        called: Any = getattr(self._functions, function)
        if called == FFI.NULL:
            raise TokenUnavailable(f"{self.path} has no {function}")
        value = called(*arguments)
        if value != CKR_OK:
            raise Returned(function, value)

    @contextmanager
    def in_use(self) -> Iterator[int]:
        """The present generation, which stays while this is held. Not to be nested."""
        with self._idle:
            if not self._idle.wait_for(lambda: not self._changing, _DRAIN_S * 2):
                raise TokenUnavailable("the module is being initialised anew and does not finish")
            if not self.generation:
                raise TokenUnavailable("the module is not initialised")
            self._calls += 1
        try:
            yield self.generation
        finally:
            with self._idle:
                self._calls -= 1
                self._idle.notify_all()

    def suspect(self) -> None:
        """Something failed that a new initialisation may mend; the next opening makes one."""
        self._suspect = True

    def start(self, *, anew: bool) -> None:
        """Loads and initialises when that was not done, is asked for, or is due after a failure."""
        with self._alone() as alone:
            if self.generation and not (anew or self._suspect):
                return
            if self.generation and self._foreign:
                return
            if not alone:
                raise TokenUnavailable("the module hangs in an earlier call")
            self._load()
            self._finalise()
            self._initialise()

    def stop_unused(self) -> None:
        """Finalises, if nobody has come to use it meanwhile and no call hangs inside."""
        with self._alone() as alone:
            if self.users:
                return
            if alone:
                self._finalise()
            else:
                self._suspect = True

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Keeps new calls out; tells whether those inside have come out in time."""
        deadline = time.monotonic() + _DRAIN_S
        with self._idle:
            mine = self._idle.wait_for(lambda: not self._changing, _DRAIN_S)
            self._changing = True
            alone = mine and self._idle.wait_for(lambda: not self._calls, deadline - time.monotonic())
        try:
            yield alone
        finally:
            if mine:
                with self._idle:
                    self._changing = False
                    self._idle.notify_all()

    def _load(self) -> None:
        """The module's function list; TokenUnavailable for a file that is no module."""
        if self._functions is not None:
            return
        try:
            binary: Any = FFI.dlopen(self.path)
            listing: Any = FFI.new("CK_FUNCTION_LIST **")
            value = binary.C_GetFunctionList(listing)
        except (OSError, AttributeError) as error:
            raise TokenUnavailable(f"{self.path} is no PKCS #11 module: {error}") from None
        if value != CKR_OK or listing[0] == FFI.NULL or listing[0].version.major not in _VERSIONS:
            raise TokenUnavailable(f"{self.path} gives no list of functions of PKCS #11 2 or 3")
        self._binary = binary
        self._functions = listing[0]

    def _initialise(self) -> None:
        """A module that somebody else in this process has initialised is used, and not ours to finalise."""
        try:
            self._foreign = not self._initialised_here()
            if self._foreign and self._inherited:
                # Not somebody else, but the parent before the fork, in memory that is now our own.
                self.call("C_Finalize", FFI.NULL)
                self._foreign = not self._initialised_here()
        except Returned as returned:
            raise error_of(returned) from None
        self._inherited = self._suspect = False
        self.generation = next(_generations)

    def _initialised_here(self) -> bool:
        """C_Initialize; False when it had been done before."""
        arguments: Any = FFI.new("CK_C_INITIALIZE_ARGS *")
        arguments.flags = CKF_OS_LOCKING_OK
        try:
            self.call("C_Initialize", arguments)
        except Returned as returned:
            if returned.value != CKR_CRYPTOKI_ALREADY_INITIALIZED:
                raise
            return False
        return True

    def _finalise(self) -> None:
        if self.generation and not self._foreign:
            try:
                self.call("C_Finalize", FFI.NULL)
            except Returned:
                # The next C_Initialize tells what state it is in.
                self._suspect = True
        self.generation = 0
