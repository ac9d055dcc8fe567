//! `cargo bench --bench engine`: one step of the engine, and a search beside a bare index of the same texts.

mod support;

use std::collections::BTreeSet;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use fixpath::content::{Pack, read};
use fixpath::diagnosis::{Facts, Model};
use fixpath::kb::{KnowledgeBase, Slug};
use fixpath::search::Index;
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, Schema, TEXT};

fn model(kb: &KnowledgeBase, symptom: &str) -> Model {
    Model::new(kb, &BTreeSet::from([Slug::parse(symptom).unwrap()]), &|e| e.likelihood.weight())
}

fn steps(c: &mut Criterion) {
    let shipped = read(&Pack::shipped()).kb;
    for symptom in ["missing-authentication-token", "forbidden"] {
        let model = model(&shipped, symptom);
        let start = model.start();
        c.bench_function(
            &format!("step, {symptom}, {} causes, {} questions", model.causes().len(), model.question_count()),
            |b| b.iter(|| model.step(black_box(&start))),
        );
    }
    let large = read(&support::pack(1_000, 1_000, 60)).kb;
    let model = model(&large, "symptom-0");
    let start = model.start();
    c.bench_function(&format!("step, generated, {} causes, {} questions", model.causes().len(), model.question_count()), |b| {
        b.iter(|| model.step(black_box(&start)))
    });
    let facts = Facts { answers: [(Slug::parse("part-0").unwrap(), Slug::parse("fine").unwrap())].into(), ..Facts::default() };
    let answered = model.state(&facts);
    c.bench_function("step, generated, one answer", |b| b.iter(|| model.step(black_box(&answered))));
}

fn searches(c: &mut Criterion) {
    let pack = support::pack(10_000, 100, 60);
    let kb = read(&pack).kb;
    let index = Index::in_memory(&kb).unwrap();
    let mut mixer = support::Mixer(77);
    let queries: Vec<String> = (0..64).map(|_| format!("{} number {}", mixer.sentence(5), mixer.below(10_000))).collect();

    let mut schema = Schema::builder();
    let body = schema.add_text_field("body", TEXT);
    let slug = schema.add_text_field("slug", STORED);
    let bare = tantivy::Index::create_in_ram(schema.build());
    let mut writer = bare.writer_with_num_threads(1, 50_000_000).unwrap();
    for entry in kb.entries.values() {
        writer.add_document(tantivy::doc!(body => entry.source.as_ref(), slug => entry.slug.as_str())).unwrap();
    }
    writer.commit().unwrap();
    let searcher = bare.reader().unwrap().searcher();
    let parser = QueryParser::for_index(&bare, vec![body]);

    let mut group = c.benchmark_group("search, 10,000 entries");
    let mut at = 0;
    group.bench_function("bare tantivy, top 10, BM25", |b| {
        b.iter(|| {
            at = (at + 1) % queries.len();
            let (query, _) = parser.parse_query_lenient(&queries[at]);
            searcher.search(&query, &TopDocs::with_limit(10).order_by_score()).unwrap()
        })
    });
    group.bench_function("Fixpath, top 10", |b| {
        b.iter(|| {
            at = (at + 1) % queries.len();
            index.search(&kb, black_box(&queries[at]), 10)
        })
    });
    group.finish();
}

criterion_group!(benches, steps, searches);
criterion_main!(benches);
