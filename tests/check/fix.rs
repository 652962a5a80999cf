//! `--fix`: what it changes, and what it leaves alone.

use super::Folder;

#[test]
fn a_file_in_order_stays_as_it_is_byte_by_byte() {
    let text = "\u{feff}type: task\r\ncommands: [ls]   # list\r\n\r\n\r\n";
    let folder = Folder::with(&[("a.dstack.yml", text)]);
    let ran = folder.run(&["check", "--fix", "a.dstack.yml"]);
    assert_eq!(ran.all(), "nothing to report in 1 file, checked against dstack 0.22.5\nexit 0\n");
    assert_eq!(folder.read("a.dstack.yml"), text.as_bytes());

    let ran = folder.run_on(&["check", "--fix", "-"], text.as_bytes());
    assert_eq!(ran.stdout, text, "text from standard input goes to standard output");
    assert_eq!(ran.stderr, "nothing to report in 1 file, checked against dstack 0.22.5\n");
}
