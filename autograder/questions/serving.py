"""Serves the site on this machine alone, until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import uvicorn

from autograder.course.layout import Course
from autograder.errors import UsageError
from autograder.grading.seeds import course_secret
from autograder.nbgrader_api.database import check_database
from autograder.questions.access import HOST, Access
from autograder.questions.app import question_site
from autograder.questions.desk import Desk
from autograder.rendering.process import PageProcess


def serve(
    course: Course,
    assignment: str,
    names: dict[str, str] | None,
    port: int,
    announce: Callable[[str], None],
) -> None:
    """Serve the questions; ``announce`` receives the address. Port 0 is any free port.

    Raises UsageError if there is no question or the port is taken.
    """
    check_database(course.gradebook)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener,
        PageProcess() as process,
        ThreadPoolExecutor(1) as thread,
    ):
        desk = Desk(course, assignment, process, course_secret(course), names)
        if not desk.rows():
            raise UsageError(f"{assignment} has no question that a person grades")
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen()
        except OSError as error:
            raise UsageError(f"cannot listen on port {port}: {error.strerror}") from error
        access = Access(listener.getsockname()[1])
        config = uvicorn.Config(
            question_site(access, desk, thread),
            ws="none",
            lifespan="off",
            log_level="error",
            access_log=False,  # addresses hold the token
            server_header=False,
            timeout_graceful_shutdown=3,
        )
        announce(access.address)
        uvicorn.Server(config).run(sockets=[listener])
