//! Runs the targets on mutated vectors: `smoke [seconds] [target …]`, ten seconds and all targets by default.
//!
//! Not guided by coverage, and deterministic but for where the time ends: a failure prints its input.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use edgeward::base::base64url;
use edgeward_fuzz::{TARGETS, Target, run_counted};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let seconds = arguments.next_if(|argument| argument.parse::<u64>().is_ok());
    let seconds: u64 = seconds.and_then(|argument| argument.parse().ok()).unwrap_or(10);
    let wanted: Vec<String> = arguments.collect();
    if let Some(unknown) = wanted
        .iter()
        .find(|name| !TARGETS.iter().any(|target| target.name == **name))
    {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!("no target `{unknown}`; there are: {}", names.join(", "));
        return ExitCode::FAILURE;
    }
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|target| wanted.is_empty() || wanted.iter().any(|name| name == target.name))
        .collect();
    let share = Duration::from_secs(seconds) / u32::try_from(chosen.len()).unwrap_or(1);
    for target in chosen {
        match smoke(target, share) {
            Ok(runs) => println!("{:<12} {runs:>9} inputs", target.name),
            Err(input) => {
                eprintln!(
                    "{} failed; its input in base64url:\n{}",
                    target.name,
                    base64url::encode(&input)
                );
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// How many inputs were run, or the one that failed.
#[allow(clippy::disallowed_methods, reason = "a smoke run ends by the clock")]
fn smoke(target: &Target, share: Duration) -> Result<u64, Vec<u8>> {
    let seeds = seeds(target);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    // What a target keeps is made before anything is counted.
    (target.run)(&[0, 0]);
    let end = Instant::now() + share;
    let mut runs = 0;
    let run = |input: Vec<u8>| match catch_unwind(AssertUnwindSafe(|| run_counted(target, &input))) {
        Ok(()) => Ok(()),
        Err(_) => Err(input),
    };
    for seed in &seeds {
        run(seed.clone())?;
        runs += 1;
    }
    while Instant::now() < end {
        for _ in 0..64 {
            run(random.mutate(&seeds))?;
            runs += 1;
        }
    }
    Ok(runs)
}

/// The seeds of a target: its own words, every word of its vectors that is long enough to be a value, and every whole small file.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let mut files: Vec<PathBuf> = target
        .seeds
        .iter()
        .flat_map(|folder| {
            std::fs::read_dir(vectors.join(folder))
                .into_iter()
                .flatten()
                .flatten()
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let mut seeds: Vec<Vec<u8>> = target.words.iter().map(|word| word.as_bytes().to_vec()).collect();
    for text in files.iter().filter_map(|path| std::fs::read_to_string(path).ok()) {
        seeds.extend(
            text.split(['"', '\n'])
                .filter(|word| word.len() > 20)
                .map(|word| word.as_bytes().to_vec()),
        );
        if text.len() < 8_192 {
            seeds.push(text.into_bytes());
        }
    }
    assert!(!seeds.is_empty(), "no seeds for {}", target.name);
    seeds
}

/// xorshift64*: repeatable, and good enough to throw bytes with.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let (a, b) = (self.below(length + 1), self.below(length + 1));
        a.min(b)..a.max(b)
    }

    fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        const TELLING: &[u8] = b".*~=-_+/ \"\\{}[],:09AaZz\0\n\x7f\x80\xff%";
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            let at = self.below(input.len());
            match self.below(9) {
                0 if !input.is_empty() => input[at] ^= 1 << self.below(8),
                1 if !input.is_empty() => input[at] = TELLING[self.below(TELLING.len())],
                2 => input.insert(at, TELLING[self.below(TELLING.len())]),
                3 => input.truncate(at),
                4 => drop(input.drain(self.range(input.len()))),
                5 => {
                    let copied = input[self.range(input.len())].to_vec();
                    input.splice(at..at, copied);
                }
                6 => {
                    let other = &seeds[self.below(seeds.len())];
                    let part = other[self.range(other.len())].to_vec();
                    input.splice(at..at, part);
                }
                7 => {
                    // Swap two fields of a token.
                    let mark = if input.contains(&b'*') { b'*' } else { b'.' };
                    let mut fields: Vec<&[u8]> = input.split(|byte| *byte == mark).collect();
                    let (a, b) = (self.below(fields.len()), self.below(fields.len()));
                    fields.swap(a, b);
                    input = fields.join(&mark);
                }
                _ => input.extend((0..self.below(40)).map(|_| u8::try_from(self.next() & 0xff).unwrap_or(0))),
            }
            input.truncate(100_000);
        }
        input
    }
}
