//! `cargo bench --bench impact`: what publishing and comparing one edit costs, on the shipped pack and on 10,000 entries.

mod support;

use std::sync::Arc;
use std::time::Instant;

use fixpath::app::alike::alike;
use fixpath::app::impact::{Past, impact};
use fixpath::app::proofs::Prover;
use fixpath::app::snapshot::{Outcomes, Snapshot};
use fixpath::content::{Change, Corpus, File, Pack};
use fixpath::search::{Index, Indexer};

fn main() {
    measure("shipped", &Pack::shipped(), "likelihood: common", "likelihood: rare");
    measure("10,000 entries, 100 for each symptom", &support::pack(10_000, 100, 60), "occasional", "rare");
    measure("10,000 entries, 20 for each symptom", &support::pack(10_000, 20, 60), "occasional", "rare");
}

fn measure(name: &str, pack: &Pack, from: &str, to: &str) {
    println!("{name}");
    let corpus = timed("read all files", || Corpus::new(pack));
    let index = Arc::new(Index::in_memory(corpus.kb()).unwrap());
    let today = Snapshot::new(Arc::clone(corpus.kb()), index, Outcomes::default(), 1);
    let (prover, indexer, past) = (Prover::default(), Indexer::default(), Past::default());
    timed("what the site does once it runs", || indexer.begin(corpus.kb(), &today.index));
    let text = |file: &File| String::from_utf8(file.bytes.clone()).unwrap();
    let is_entry = |file: &&File| file.path.starts_with("entries/") && text(file).contains(from);
    let file = pack.files.iter().find(is_entry).unwrap();
    let edited = |from: &str, to: &str| {
        Change::Write(File { path: file.path.clone(), bytes: text(file).replacen(from, to, 1).into_bytes() })
    };
    let new = Change::Write(File { path: "entries/one-more.md".to_owned(), bytes: text(file).into_bytes() });
    for (what, change) in [("words", edited("title: ", "title: Now ")), ("likelihood", edited(from, to)), ("a new entry", new)] {
        let after = timed(&format!("{what}: read the change"), || corpus.with_changes(std::slice::from_ref(&change)));
        for time in ["first", "second"] {
            let told = timed(&format!("{what}: impact, {time} time"), || {
                impact(&today, &corpus, &after, (&prover, &indexer), &past).unwrap()
            });
            let paths: usize = told.symptoms.iter().map(|s| s.paths.total).sum();
            println!("    {} new problems, {paths} paths, {:?}", told.problems_new.len(), told.cut);
        }
    }
    timed("alike", || alike(&today, None, &text(file)));
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    println!("  {what}: {:.1} ms", began.elapsed().as_secs_f64() * 1_000.0);
    done
}
