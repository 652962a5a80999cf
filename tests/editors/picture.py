"""Makes an SVG picture of the screen of a terminal.

Usage: picture.py TITLE < SCREEN > PICTURE, with the screen as `tmux capture-pane -p -e -N` prints it; from Python, `svg()`.

Each run of text is stretched to the width of its cells, so that columns are aligned in any monospace font.
"""

import collections
import re
import sys
import unicodedata
from html import escape

FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
SIZE, WIDTH, HEIGHT, MARGIN, BAR = 14, 8.4, 19, 12, 34
FOREGROUND, BACKGROUND, FRAME = "#d6d8df", "#1c1e26", "#2a2d38"

# The sixteen named colors, dark and bright.
NAMED = "#3b3f4c #e5737a #98c379 #e0b568 #6fa8f0 #c58fe0 #56b6c2 #c8ccd6".split()
NAMED += "#7f8699 #ff8a90 #b1dd8f #f5cd83 #8fc0ff #dba8f5 #76d0db #f3f4f7".split()


def color(number):
    """One of the 256 colors of a terminal."""
    if number < 16:
        return NAMED[number]
    if number < 232:
        number -= 16
        return "#" + "".join(f"{0 if not part else 55 + 40 * part:02x}" for part in (number // 36, number // 6 % 6, number % 6))
    return "#" + f"{8 + 10 * (number - 232):02x}" * 3


class Style:
    """How a character is drawn, according to the escape sequences so far."""

    def __init__(self):
        self.fore = self.back = self.line = self.under = None
        self.bold = self.faint = self.italic = self.reverse = self.struck = False

    def take(self, sequence):
        """Follows one sequence, such as `1;38;2;10;20;30`."""
        # Colons bind tighter than semicolons and are used in few places: the kind of an underline, and colors.
        parts = [[int(it or 0) for it in part.split(":")] for part in sequence.split(";")]
        while parts:
            head, *rest = parts.pop(0)
            if head in (38, 48, 58):
                if not rest:
                    count = {2: 4, 5: 2}.get(parts[0][0], 1) if parts else 0
                    rest, parts = [it[0] for it in parts[:count]], parts[count:]
                value = color(rest[1]) if rest[:1] == [5] else "#" + "".join(f"{it:02x}" for it in rest[-3:])
                setattr(self, {38: "fore", 48: "back", 58: "line"}[head], value)
            elif head == 0:
                self.__init__()
            elif head in (1, 2, 3, 7, 9):
                setattr(self, {1: "bold", 2: "faint", 3: "italic", 7: "reverse", 9: "struck"}[head], True)
            elif head == 4:
                self.under = rest[0] if rest else 1
            elif head == 22:
                self.bold = self.faint = False
            elif head in (23, 27, 29):
                setattr(self, {23: "italic", 27: "reverse", 29: "struck"}[head], False)
            elif head == 24:
                self.under = None
            elif head in (39, 49, 59):
                setattr(self, {39: "fore", 49: "back", 59: "line"}[head], None)
            elif 30 <= head <= 37 or 40 <= head <= 47:
                setattr(self, "fore" if head < 40 else "back", color(head % 10))
            elif 90 <= head <= 97 or 100 <= head <= 107:
                setattr(self, "fore" if head < 100 else "back", color(8 + head % 10))

    def drawn(self, is_cursor):
        """The resulting colors and font style."""
        fore, back = self.fore or FOREGROUND, self.back
        if self.reverse != is_cursor:
            fore, back = back or BACKGROUND, fore
        return (fore, back, self.bold, self.faint, self.italic, self.struck, self.under, self.line or fore)


def width(character):
    """The number of cells of a character."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def runs(line, style, cursor):
    """The pieces of a line that are drawn in the same style, each with its column, width, text and style."""
    column, found = 0, []
    for piece in re.split(r"(\x1b\[[0-9;:]*m)", line):
        if piece.startswith("\x1b["):
            style.take(piece[2:-1])
            continue
        # Other sequences, such as those that select a character set, draw nothing.
        for character in re.sub(r"\x1b[()][0AB]|[\x00-\x1f]", "", piece):
            look, cells = style.drawn(column == cursor), width(character)
            # Only the background and the underline of a space are visible.
            if found and (found[-1][3] == look or character == " " and _bare(found[-1][3]) == _bare(look)):
                found[-1][1] += cells
                found[-1][2] += character
            else:
                found.append([column, cells, character, look])
            column += cells
    if cursor is not None and cursor >= column:
        found.append([cursor, 1, " ", Style().drawn(True)])
    return found


def _bare(look):
    return look[1], look[6]


def underline(kind, x, y, length, stroke):
    """The line below a piece of text: curly, like under a mistake, or straight."""
    if kind == 3:
        steps = max(2, round(length / 4))
        step = length / steps
        path = f"M{x:.1f} {y}" + "".join(f"q{step / 2:.2f} {-4 if it % 2 else 4} {step:.2f} 0" for it in range(steps))
        return f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="1.3"/>'
    dash = {4: ' stroke-dasharray="1.5 2.5"', 5: ' stroke-dasharray="4 3"'}.get(kind, "")
    return f'<path d="M{x:.1f} {y}h{length:.1f}" stroke="{stroke}" stroke-width="1.2"{dash}/>'


def svg(screen, title, cursor=None):
    """The picture of a screen, in a window with a title. `cursor` is its column and row."""
    lines = screen.rstrip("\n").split("\n")
    behind, before, classes, columns, style = [], [], {}, 0, Style()
    # The number of cells with each color.
    painted = collections.Counter()
    for row, line in enumerate(lines):
        top = BAR + MARGIN / 2 + row * HEIGHT
        for column, cells, text, look in runs(line, style, cursor[0] if cursor and cursor[1] == row else None):
            fore, back, bold, faint, italic, struck, under, stroke = look
            x, length = MARGIN + column * WIDTH, cells * WIDTH
            columns = max(columns, column + cells)
            if back:
                painted[back] += cells
                behind.append(f'<path fill="{back}" d="M{x:.1f} {top:g}h{length:.1f}v{HEIGHT}h-{length:.1f}z"/>')
            # Spaces need not be drawn; a run that ends with spaces is cut, so that it is not stretched over them.
            kept = text.strip(" ")
            if kept:
                x += (len(text) - len(text.lstrip(" "))) * WIDTH
                length = sum(map(width, kept)) * WIDTH
                rules = f"fill:{fore}" + ";font-weight:700" * bold + ";opacity:.6" * faint + ";font-style:italic" * italic
                name = classes.setdefault(rules + ";text-decoration:line-through" * struck, f"s{len(classes)}")
                stretch = f' textLength="{length:.1f}"' if len(kept) > 1 else ""
                before.append(f'<text class="{name}" x="{x:.1f}" y="{top + 14:g}"{stretch}>{escape(kept, quote=False)}</text>')
            if under and kept:
                before.append(underline(under, x, top + 17, length, stroke))
    wide, high = columns * WIDTH + 2 * MARGIN, BAR + MARGIN * 1.5 + len(lines) * HEIGHT
    # If an editor paints most of its screen in one color, it is the color of the whole window, including the margins.
    ground = max(painted, key=painted.get, default=BACKGROUND)
    if painted.get(ground, 0) < columns * len(lines) / 2:
        ground = BACKGROUND
    styles = "".join(f".{name}{{{rules}}}" for rules, name in classes.items())
    dots = "".join(f'<circle cx="{18 + 20 * it}" cy="17" r="6" fill="{NAMED[fill]}"/>' for it, fill in enumerate((1, 3, 2)))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>text{{font:{SIZE}px {FONT};white-space:pre}}{styles}</style>",
            f'<rect width="{wide:.0f}" height="{high:.0f}" rx="9" fill="{FRAME}"/>',
            f'<path fill="{ground}" d="M0 {BAR}h{wide:.0f}v{high - BAR - 9:g}a9 9 0 0 1-9 9h-{wide - 18:.0f}a9 9 0 0 1-9-9z"/>',
            dots,
            f'<text x="{wide / 2:.0f}" y="22" fill="#9aa0b0" text-anchor="middle" style="font-size:13px">{escape(title)}</text>',
            *(it for it in behind if f'fill="{ground}"' not in it),
            *before,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(svg(sys.stdin.read(), sys.argv[1]))
