"""Send predictions to the course's leaderboard and say in plain sentences what it answers."""

import contextlib
import getpass
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

try:
    import requests  # Colab has it
except ImportError:
    requests = None

SAID = {
    401: "The server does not know this token, or it has expired. Copy it again, all of it.",
    403: "The token is known, but it may not submit here. Are you registered for this competition?",
    404: "There is no such competition at this address. Look at LEADERBOARD_URL and COMPETITION.",
    409: "The competition is closed: it takes no submissions any more.",
    413: "The file is too large. Is it really the file of predictions?",
    415: "The server does not take this kind of file. Send the text file that you have just checked.",
    422: "The server found mistakes in the file, and it does not count as a submission.",
    429: "You have no submissions left for now.",
}


def submit_predictions(path, url, competition, token=None, timeout_s=60):
    """Send a file of predictions; print what came of it, and return the server's answer or None.

    Asks for the token, which is kept nowhere. Sends nothing while url is empty.
    """
    if not url:
        print("LEADERBOARD_URL is empty, so nothing was sent.")
        return None
    problem, data = None, b""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror or error}); nothing was sent."
    address = submissions_address(url, competition)
    if address is None:
        problem = f"LEADERBOARD_URL is {url!r}; it should begin with https:// and name a server."
    if problem is None:
        token = asked_token() if token is None else token.strip()
        if not token:
            problem = "No token was given, so nothing was sent."
        elif not (token.isascii() and token.isprintable()) or " " in token:
            problem = (
                "This is not a token: it holds spaces or special characters. Nothing was sent."
            )
    if problem:
        print(problem)
        return None
    if address.startswith("http://") and "//127.0.0.1" not in address:
        print("Take care: this address begins with http://, so your token travels unencrypted.")
    try:
        status, headers, body = post_file(address, Path(path).name, data, token, timeout_s)
    except TimeoutError:
        print(
            f"The server did not answer within {timeout_s:g} seconds. Look at the leaderboard "
            "before you try again: the file may have arrived."
        )
        return None
    except OSError as error:
        print(f"No connection to {address}: {error}. Is the address right, and are you online?")
        return None
    answer = {}
    with contextlib.suppress(ValueError):
        answer = json.loads(body)
    answer = answer if isinstance(answer, dict) else {}
    if status == 201 and answer:
        print(accepted(answer))
        return answer
    print(refused(status, headers, answer))
    return None


def submissions_address(url, competition):
    """Return where to send a file, or None when url is no address."""
    parts = urllib.parse.urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    slug = urllib.parse.quote(competition, safe="")
    return f"{url.strip().rstrip('/')}/api/v1/competitions/{slug}/submissions"


def asked_token():
    """Ask for the token without showing it; empty where nobody can answer."""
    try:
        return getpass.getpass("Your leaderboard token (it is not shown and not kept): ").strip()
    except Exception:  # a notebook that runs without a person at the keyboard
        return ""


def post_file(address, name, data, token, timeout_s):
    """Post a file as multipart/form-data; return the status, the headers and the body.

    Follows no redirect, so that the token goes to no other address. Raises TimeoutError, and
    OSError when there is no connection.
    """
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    if requests is not None:
        try:
            reply = requests.post(
                address, headers=headers, files={"file": (name, data, "text/plain")},
                timeout=timeout_s, allow_redirects=False,
            )  # fmt: skip
        except requests.Timeout as error:
            raise TimeoutError from error
        except requests.RequestException as error:
            raise OSError(type(error).__name__) from error
        return reply.status_code, reply.headers, reply.text
    boundary = uuid.uuid4().hex
    disposition = f'form-data; name="file"; filename="{urllib.parse.quote(name)}"'
    head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: text/plain\r\n\r\n"
    body = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    headers["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    request = urllib.request.Request(address, body, headers, method="POST")
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=timeout_s) as reply:
            return reply.status, reply.headers, reply.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode("utf-8", "replace")
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise error.reason from error
        raise OSError(str(error.reason)) from error
    except http.client.HTTPException as error:
        raise OSError(type(error).__name__) from error


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leave a redirect to the caller."""

    def redirect_request(self, *args):
        """Follow nothing."""


def accepted(answer):
    """Return the sentences for a submission that was taken."""

    def score(key):
        value = answer.get(key)
        return f"{value:.4f}" if isinstance(value, (int, float)) else "not known yet"

    lines = [f"Submission {answer.get('id')} was taken ({answer.get('status')})."]
    best, worse = score("best_public_score"), answer.get("verdict") == "not better"
    if worse and answer.get("public_score") == answer.get("best_public_score"):
        # By the Ladder that is the best score again, and not the one of this file.
        lines.append(f"Not better than your best, {best}, which stays on the board.")
    else:
        lines.append(f"Public score: {score('public_score')}; your best: {best}.")
        lines += ["Not better than your best."] if worse else []
    if answer.get("improved"):
        lines.append("That is your best so far.")
    if answer.get("rank") is not None:
        lines.append(f"Your rank on the public leaderboard: {answer['rank']}.")
    if answer.get("submissions_left_today") is not None:
        lines.append(f"Submissions left today: {answer['submissions_left_today']}.")
    return "\n".join(lines)


def refused(status, headers, answer):
    """Return the sentences for a submission that was not taken."""
    lines = [SAID.get(status, f"The server answered with the status {status}.")]
    if 300 <= status < 400:
        place = headers.get("Location", "another address")
        lines = [
            f"The leaderboard has moved to {place}. Nothing was taken; correct LEADERBOARD_URL."
        ]
    elif status >= 500:
        lines = [
            f"The server has a problem of its own (status {status}). Try again in some minutes."
        ]
    elif 200 <= status < 300:
        lines = [f"Something answered (status {status}), but not as the leaderboard does. "
                 "Is the address right?"]  # fmt: skip
    if status == 429 and (wait := waiting(headers.get("Retry-After", ""))):
        lines[0] += f" Try again in {wait}."
    said = [answer.get("detail") or answer.get("title")]
    errors = answer.get("errors")
    for error in errors if isinstance(errors, list) else []:
        said.append(error.get("detail") if isinstance(error, dict) else error)
    said = [str(text)[:300] for text in said if text]
    lines += [f"  {text}" for text in said[:20]]
    if len(said) > 20:
        lines.append(f"  and {len(said) - 20} more")
    return "\n".join(lines)


def waiting(text):
    """Return the words for a Retry-After header, seconds or a date; empty for anything else."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        seconds = int(text)
    else:
        try:
            left = parsedate_to_datetime(text) - datetime.now(timezone.utc)  # noqa: UP017
        except (TypeError, ValueError):
            return ""
        seconds = max(0, round(left.total_seconds()))
    if seconds < 90:
        return f"{seconds} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} hours and {minutes} minutes" if minutes else f"{hours} hours"
