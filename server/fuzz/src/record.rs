//! The results of a run, in files of a folder: the smallest text that breaks each law, and the number of executions.

use std::{collections::BTreeMap, fs, path::PathBuf};

use rustix::time::{ClockId, clock_gettime};

use crate::laws::Broken;

/// Number of executions between two updates of the state.
const NOTE: u64 = 200;

/// The findings of a run.
pub struct Record {
    folder: Option<PathBuf>,
    executions: u64,
    /// For each law, the number of violations, and the length of the smallest text.
    laws: BTreeMap<String, (u64, usize)>,
}

impl Record {
    /// Creates a record in the folder that the variable `FUZZ_FINDINGS` names; without it nothing is written.
    #[expect(clippy::new_without_default, reason = "it reads the environment")]
    pub fn new() -> Record {
        let folder = std::env::var_os("FUZZ_FINDINGS").map(PathBuf::from);
        Record { folder, executions: 0, laws: BTreeMap::new() }
    }

    /// Counts an execution, and keeps the text if it is the smallest that breaks a law.
    pub fn add(&mut self, text: &str, broken: &[Broken]) {
        self.executions += 1;
        let Some(folder) = &self.folder else { return };
        for it in broken {
            let file = folder.join(&it.law);
            let known = || fs::metadata(&file).map_or(usize::MAX, |it| it.len() as usize);
            let (times, smallest) = self.laws.entry(it.law.clone()).or_insert_with(|| (0, known()));
            *times += 1;
            if text.len() < *smallest && fs::write(&file, text).is_ok() {
                *smallest = text.len();
                eprintln!("{}: {}", it.law, it.detail);
            }
        }
        if self.executions.is_multiple_of(NOTE) {
            let cpu = clock_gettime(ClockId::ProcessCPUTime);
            let mut note = format!("{} executions in {} s of CPU time\n", self.executions, cpu.tv_sec);
            for (law, (times, smallest)) in &self.laws {
                note += &format!("{law}: {times} times, smallest text {smallest} bytes\n");
            }
            // Beside the findings, since every file among them counts as one.
            let _ = fs::write(folder.with_extension("state"), note);
        }
    }
}
