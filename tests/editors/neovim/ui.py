"""Types into Neovim in a terminal, set up as described in its README, and checks what a user would see. `run` starts it."""

import pathlib
import re
import sys
import os

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tui

HOME = pathlib.Path(os.environ["HOME"])


def readme():
    """The part of the README for `init.lua`: how findings and completions are shown, and the status line."""
    blocks = re.findall(r"```lua\n(.*?)```", pathlib.Path(os.environ["README"]).read_text(encoding="utf-8"), re.DOTALL)
    return "".join(it for it in blocks if "virtual_text" in it or "statusline" in it)


def main():
    (HOME / ".config/nvim").mkdir(parents=True, exist_ok=True)
    (HOME / ".config/nvim/init.lua").write_text("vim.o.swapfile = false\n" + readme(), encoding="utf-8")
    project = HOME / "ui"
    project.mkdir()
    file = project / "train.dstack.yml"
    file.write_text("type: task\nname: train\ncomands:\n  - python train.py\nresources:\n  gpu: A100:80GB:2\n", encoding="utf-8")
    (project / "uv.lock").write_text('version = 1\n\n[[package]]\nname = "dstack"\nversion = "0.19.40"\n', encoding="utf-8")

    with tui.Terminal([os.environ["NVIM"], file.name], folder=project, columns=100, rows=28) as screen:
        with tui.check("diagnostics: drawn behind the line"):
            screen.wait("^E comands: .*unknown field `comands`; did you mean `commands`\\?")
        with tui.check("release: drawn in the status line"):
            screen.wait("^train.dstack.yml .*dstack 0.19.40 ")
        with tui.check("hover: drawn as a window"):
            screen.type("6G0fAK").wait("A100.*NVIDIA, Ampere", "^E comands: ")
            screen.picture("editors/neovim/hover.svg", file.name)
        with tui.check("action: drawn as a menu"):
            screen.keys("Escape").type("3G0gra").wait("1: Rename `comands` to `commands`")
        with tui.check("action: chosen from the menu"):
            screen.type("1").keys("Enter").wait("^ *commands:$")
        with tui.check("diagnostics: none are drawn any more"):
            screen.wait("^E |unknown field", gone=True)
        with tui.check("completion: comes while typing, without its keys"):
            screen.type("Go").keys("C-u").type("pr").wait("^ *priority .*Property", "^ *privileged .*Property")
            # The list for `p` alone has more items.
            screen.wait("python .*Property", gone=True)
        with tui.check("completion: with the documentation of what is chosen"):
            screen.keys("C-n").wait("privileged mode")
            screen.picture("editors/neovim/completion.svg", file.name)
        with tui.check("completion: taken"):
            screen.keys("C-y").wait("^ *privileged: ?$")
        with tui.check("completion: of values, where they are to stand"):
            # If the list after `:` opens before the space is typed, it stays one column to the left: request it again.
            screen.type("true").keys("Enter").type("spot_policy: ").wait("^~ {11,12}spot ", "^~ {11,12}on-demand ", "^~ {11,12}auto ")
            screen.keys("C-e").wait("^~ +auto ", gone=True)
            screen.keys("C-x", "C-o").wait("^~ {12}spot ", "^~ {12}on-demand ", "^~ {12}auto ")
        with tui.check("completion: a value taken"):
            screen.keys("C-n").wait("^ *spot_policy: spot$").keys("C-n").wait("^ *spot_policy: on-demand$").keys("C-y")
            screen.wait("^~ +auto ", gone=True)
        with tui.check("what was typed is in the file"):
            screen.keys("Escape").type(":wq").keys("Enter").wait_exit()
        with tui.check("completion: just so"):
            tui.equal(file.read_text(encoding="utf-8").splitlines()[-2:], ["privileged: true", "spot_policy: on-demand"])
    tui.finish()


main()
