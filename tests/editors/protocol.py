"""Checks recorded messages against the meta-model of the protocol, from lsprotocol.

Usage: protocol.py FOLDER     (of files that record.py wrote)

Each message of the server must match its type down to each member, and each answer must belong to a request; each request of the
editor must have an answer, unless the session ended before. Messages of the editor are only counted: other tests check how the
server handles what real editors send. Prints `N passed, N failed` at the end: one check per session.
"""

import json
import pathlib
import sys

from lsprotocol import converters, types

# Notifications beyond the protocol, for clients that requested them: members, and whether they are optional.
OURS = {"dstack/release": {"uri": False, "release": False, "origin": False, "source": False, "note": True}}

CONVERTER = converters.get_converter()


def differences(sent, kept, path=""):
    """Where a message differs from itself after it was read as its type: members that the type does not have, and values that
    were converted."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for name, value in sent.items():
            if name in kept:
                yield from differences(value, kept[name], f"{path}/{name}")
            else:
                yield f"{path}/{name}"
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for index, (one, other) in enumerate(zip(sent, kept)):
            yield from differences(one, other, f"{path}/{index}")
    elif type(sent) is not type(kept) or sent != kept:
        yield path


def misfit(value, kind):
    """Why a value does not match a type, or None."""
    try:
        fitted = CONVERTER.structure(value, kind)
    except Exception as error:  # of many kinds, which all mean the same
        return f"is no {kind.__name__}: {error!r}"[:400]
    found = list(differences(value, json.loads(json.dumps(CONVERTER.unstructure(fitted, kind)))))
    return f"is no {kind.__name__} because of {', '.join(found[:5])}" if found else None


def problem_of_ours(method, params):
    """The problem of a notification beyond the protocol, or None."""
    members = OURS[method]
    missing = [name for name, is_optional in members.items() if not is_optional and name not in params]
    more = [name for name in params if name not in members]
    no_texts = [name for name, value in params.items() if not isinstance(value, str)]
    if missing or more or no_texts:
        return f"lacks {missing}, has {more} too many, and of another type {no_texts}"
    return None


def problem(message, method, is_answer):
    """The problem of a message of the server, or None."""
    if message.get("jsonrpc") != "2.0":
        return "is not of JSON-RPC 2.0"
    if is_answer and ("result" in message) == ("error" in message):
        return "has either no result and no error, or both"
    if not is_answer and method in OURS:
        return problem_of_ours(method, message.get("params", {}))
    known = types.METHOD_TO_TYPES.get(method)
    if known is None:
        return "no such method"
    if is_answer and "error" in message:
        return misfit(message, types.ResponseErrorMessage)
    if is_answer and method == "textDocument/codeAction" and isinstance(message["result"], list):
        # lsprotocol reads an action with a command as a command; but only the `command` of a command is a string.
        for it in message["result"]:
            is_command = isinstance(it, dict) and isinstance(it.get("command"), str)
            found = misfit(it, types.Command if is_command else types.CodeAction)
            if found:
                return found
        message = message | {"result": []}
    return misfit(message, known[1] if is_answer else known[0])


def check(lines):
    """The problems of one session, and the number of messages from each side."""
    open_questions, problems, counts = {}, [], {"client": 0, "server": 0}
    has_left = False
    records = [json.loads(line) for line in lines]
    last_of_server = next((it for it in reversed(records) if it["from"] == "server"), None)
    for record in records:
        who = record["from"]
        counts[who] += 1
        if "broken" in record or not isinstance(record["message"], dict):
            # A server that ends together with its editor may not finish its last message.
            if who == "server" and not ("broken" in record and record is last_of_server and len(records) > 1):
                problems.append(f"no message: {record.get('broken', record.get('message'))!r}"[:400])
            continue
        message = record["message"]
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
    if counts["server"] == 0:
        problems.append("the server said nothing")
    if has_left:
        # An editor that is killed, on the other hand, sends requests until its end.
        unanswered = [method for (who, _), method in open_questions.items() if who == "client" and method != "shutdown"]
        problems += [f"{it}: no answer" for it in unanswered]
    return problems, counts


def main(folder):
    passed = failed = 0
    for path in sorted(pathlib.Path(folder).glob("*.jsonl")):
        problems, counts = check(path.read_text(encoding="utf-8").splitlines())
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
