"""Checks recorded messages against the meta-model of the protocol, as lsprotocol has it.

Usage: protocol.py FOLDER     (of files that record.py wrote)

What the server says must fit its type, have no member that the protocol does not know, and answer a question; every question
of the editor must have an answer, unless the session ended before. What the editor says is only counted: how to live with what real
editors send is tested elsewhere. Prints, last, `N passed, N failed`: one check a session.
"""

import json
import pathlib
import sys

from lsprotocol import converters, types

# What we say beyond the protocol, to clients that told us that they want it.
OURS = {"dstack/release": {"uri", "release", "origin", "source", "note"}}

CONVERTER = converters.get_converter()


def unknown_members(sent, kept, path=""):
    """Members that were sent and that the typed message does not have."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for name, value in sent.items():
            if name in kept:
                yield from unknown_members(value, kept[name], f"{path}/{name}")
            elif value is not None:
                yield f"{path}/{name}"
    elif isinstance(sent, list) and isinstance(kept, list):
        for index, (one, other) in enumerate(zip(sent, kept)):
            yield from unknown_members(one, other, f"{path}/{index}")


def problem(message, method, is_answer):
    """What is wrong with a message of the server, or None."""
    if method in OURS and not is_answer:
        more = set(message["params"]) - OURS[method]
        return f"unknown members {sorted(more)}" if more else None
    known = types.METHOD_TO_TYPES.get(method)
    if known is None:
        return "no such method"
    kind = known[1] if is_answer else known[0]
    if is_answer and "error" in message:
        kind = types.ResponseErrorMessage
    try:
        fitted = CONVERTER.structure(message, kind)
    except Exception as error:  # of many kinds, all of which mean the same
        return f"is no {kind.__name__}: {error!r}"[:400]
    members = list(unknown_members(message, CONVERTER.unstructure(fitted, kind)))
    return f"{kind.__name__} has no {members[:5]}" if members else None


def check(path):
    """The problems of one session, and how many messages each side sent."""
    open_questions, problems, counts = {}, [], {"client": 0, "server": 0}
    has_left = False
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        who, message = record["from"], record["message"]
        counts[who] += 1
        is_answer = "method" not in message
        if is_answer:
            other = "server" if who == "client" else "client"
            method = open_questions.pop((other, message.get("id")), None)
        else:
            method = message["method"]
            has_left |= who == "client" and method in ("shutdown", "exit")
            if "id" in message:
                open_questions[who, message["id"]] = method
        if who == "server":
            found = "answers no question" if method is None else problem(message, method, is_answer)
            if found:
                problems.append(f"{method or message}: {found}")
    if not has_left:
        # An editor that is killed asks until its end.
        return problems, counts
    unanswered = [method for (who, _), method in open_questions.items() if who == "client" and method != "shutdown"]
    return problems + [f"{it}: no answer" for it in unanswered], counts


def main(folder):
    passed = failed = 0
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        problems, counts = check(path)
        said = f"{counts['server']} messages of the server, {counts['client']} of the editor"
        if problems:
            failed += 1
            print("\n  ".join([f"FAILED {said}", *sorted(set(problems))]))
        else:
            passed += 1
            print(f"ok {said}")
    if passed + failed == 0:
        failed = 1
        print("FAILED: nothing was recorded")
    print(f"{passed} passed, {failed} failed")
    return failed == 0


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)
