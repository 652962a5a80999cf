"""Compares the places of our findings with the nodes that dstack names.

dstack names a node (or a field that is missing in it), PyYAML one or two lines, and a traceback nothing. A finding is *on it* if
it is on one of the nodes that dstack names, and *inside* if it is within such a node: where one of dstack's validators
reports a whole mapping, our finding is at the key at fault.
"""

import collections


class Places:
    """The figures of one set at one release, for the texts that both reject."""

    def __init__(self):
        self.on_it = self.inside = self.elsewhere = 0
        self.on_line = self.off_line = 0
        self.unnamed = 0
        self.mistaken = collections.defaultdict(list)

    def add(self, question, dstack, our):
        if dstack["lines"]:
            on_line = any(it["line"] in dstack["lines"] for it in our.findings)
            self.on_line, self.off_line = self.on_line + on_line, self.off_line + (not on_line)
            if not on_line:
                words = dstack["words"].split("\n")[0]
                ours = [it["words"] for it in our.findings]
                self.mistaken["line", words[:60], generalised(ours[0])].append((question, dstack, our))
            return
        if not dstack["nodes"]:
            self.unnamed += 1
            return
        paths = [it["path"] for it in our.findings]
        if any(path in dstack["nodes"] for path in paths):
            self.on_it += 1
        elif any(path[: len(node)] == node for path in paths for node in dstack["nodes"]):
            self.inside += 1
            self.mistaken["inside", written(dstack["nodes"][0]), dstack["words"][:60]].append((question, dstack, our))
        else:
            self.elsewhere += 1
            self.mistaken["elsewhere", written(dstack["nodes"][0]), dstack["words"][:60]].append((question, dstack, our))

    def share(self):
        """The percentage on it or inside of it, among the errors for which dstack names a node."""
        total = self.on_it + self.inside + self.elsewhere
        return 100 * (self.on_it + self.inside) / total if total else 100.0

    def summary(self):
        total = self.on_it + self.inside + self.elsewhere
        lines = self.on_line + self.off_line
        strict = 100 * self.on_it / total if total else 100
        near = 100 * self.on_line / lines if lines else 100
        return (
            f"places: {self.on_it} of {total} on the node that dstack names ({strict:.2f} %), with those inside of it {self.share():.2f} %; "
            f"{self.on_line} of {lines} on a line that PyYAML names ({near:.2f} %); {self.unnamed} name nothing"
        )

    def worst(self, count):
        """The most frequent mismatches, those elsewhere before those inside, with an example of each."""
        by_weight = sorted(self.mistaken.items(), key=lambda it: (it[0][0], -len(it[1])))
        for (how, where, words), found in by_weight[:count]:
            question, dstack, our = found[0]
            ours = [f"{written(it['path'])} (line {it['line']}): {it['words']}" for it in our.findings]
            yield f"{len(found)} × {how} {where} {words!r}: we {ours!r}; as in {question.ident}: {question.text[:600]!r}"


def written(path):
    return ".".join(str(it) for it in path) or "the document"


def generalised(words):
    """A message without its quotes."""
    return "`".join(words.split("`")[::2])[:60]
