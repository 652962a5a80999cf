//! The fuzzer: `laws [OPTION…] CORPUS…`, with the options of libFuzzer. Texts that break a law are written to the folder
//! `FUZZ_FINDINGS`, and the run continues. With `FUZZ_SEEDS` it only writes the initial texts to that folder, and a
//! dictionary beside it.
#![no_main]

use std::{cell::RefCell, path::Path};

use fuzz::{laws, mutate, record::Record, seeds};

thread_local! {
    static RECORD: RefCell<Record> = RefCell::new(Record::new());
}

fn begin() {
    if let Some(folder) = std::env::var_os("FUZZ_SEEDS") {
        seeds::write(Path::new(&folder)).expect("the seeds can be written");
        std::process::exit(0);
    }
    laws::listen();
}

libfuzzer_sys::fuzz_target!(init: begin(), |bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let broken = laws::broken(&text, laws::seed(&text));
    RECORD.with_borrow_mut(|record| record.add(&text, &broken));
});

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match mutate::mutated(&data[..size], seed).filter(|it| it.len() <= max_size) {
        Some(mutated) => {
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(data, size, max_size),
    }
});
