//! `cargo bench --bench load`: requests per second of the site beside handlers that return the same bytes from memory.
//!
//! Server and load have one core each (`taskset`, where there is one). The client keeps many connections busy and does
//! little with the answers, so that the server is what is measured. Each pair is measured in turns, several times; the ratio of the
//! medians is what counts.

#[path = "support/folder.rs"]
mod folder;
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use fixpath::content::{Pack, read};
use tantivy::collector::TopDocs;
use tantivy::query::QueryParser;
use tantivy::schema::{STORED, Schema, TEXT};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;
const BATCH: usize = 1;
const FIX: &str = "/fix/request-not-signed";
const STEP: &str = "/diagnose?symptom=missing-authentication-token&url-shape=full";

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("bare-handler") => bare_handler(&args[2]),
        _ => measure(),
    }
}

/// A server with one handler that returns the bytes of a file.
fn bare_handler(file: &str) {
    let bytes = web::Bytes::from(std::fs::read(file).unwrap());
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            let bytes = bytes.clone();
            App::new().route(
                "/{rest:.*}",
                web::get().to(move || {
                    let bytes = bytes.clone();
                    async move { HttpResponse::Ok().content_type("text/html; charset=utf-8").body(bytes) }
                }),
            )
        })
        .workers(1)
        .bind("127.0.0.1:0")
        .unwrap();
        println!("listening on http://{}", server.addrs()[0]);
        server.run().await.unwrap();
    });
}

struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn pinned(core: &str, program: &str) -> Command {
    if Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        let mut command = Command::new("taskset");
        command.args(["-c", core, program]);
        command
    } else {
        eprintln!("no taskset: server and load share the processors, so take the ratios with care");
        Command::new(program)
    }
}

fn start(program: &str, args: &[&str]) -> Server {
    let mut child = pinned("0", program).args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().rsplit_once("http://").expect("the server says where it listens").1.to_owned();
    Server { child, address }
}

/// Sends requests for one round and counts the answers.
fn load(address: &str, paths: &[String]) -> f64 {
    let mut streams: Vec<BufReader<TcpStream>> = (0..CONNECTIONS)
        .map(|_| {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::with_capacity(1 << 20, stream)
        })
        .collect();
    let mut next = 0;
    let mut done = 0usize;
    let began = Instant::now();
    while began.elapsed() < ROUND {
        for stream in &mut streams {
            let mut batch = String::new();
            for _ in 0..BATCH {
                batch.push_str(&format!("GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", paths[next % paths.len()]));
                next += 1;
            }
            stream.get_mut().write_all(batch.as_bytes()).unwrap();
        }
        for stream in &mut streams {
            for _ in 0..BATCH {
                skip_answer(stream);
                done += 1;
            }
        }
    }
    done as f64 / began.elapsed().as_secs_f64()
}

fn skip_answer(stream: &mut BufReader<TcpStream>) {
    let mut length = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        stream.read_until(b'\n', &mut line).unwrap();
        let text = std::str::from_utf8(&line).unwrap().trim();
        if text.is_empty() {
            break;
        }
        assert!(!text.starts_with("HTTP/1.1 ") || text.starts_with("HTTP/1.1 200"), "{text}");
        if let Some(value) = text.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).unwrap();
}

fn fetch(address: &str, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let body = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    answer.split_off(body)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare(name: &str, wanted: f64, mut ours: impl FnMut() -> f64, mut theirs: impl FnMut() -> f64) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        a.push(ours());
        b.push(theirs());
    }
    let (a, b) = (median(a), median(b));
    println!("{name:<40} {a:>10.0}/s beside {b:>10.0}/s: {:.2} (wanted {wanted})", a / b);
}

fn measure() {
    // The load runs on the other core; children set their own.
    Command::new("taskset").args(["-cp", "1", &std::process::id().to_string()]).stdout(Stdio::null()).status().ok();
    let folder = tempfile::tempdir().unwrap();
    let fixpath = env!("CARGO_BIN_EXE_fixpath");
    let me = std::env::current_exe().unwrap();
    let me = me.to_str().unwrap();
    let data = folder.path().join("data");
    let site = start(fixpath, &["serve", "--listen", "127.0.0.1:0", "--workers", "1", "--data", data.to_str().unwrap()]);
    for (name, path, wanted) in [("the page of a fix", FIX, 0.8), ("a step of a diagnosis", STEP, 0.25)] {
        let file = folder.path().join("page.html");
        std::fs::write(&file, fetch(&site.address, path)).unwrap();
        let bare = start(me, &["bare-handler", file.to_str().unwrap()]);
        let paths = vec![path.to_owned()];
        compare(name, wanted, || load(&site.address, &paths), || load(&bare.address, &paths));
    }
    // Steps that nobody asked for before: each is folded, rendered and compressed anew.
    let options = ["full", "custom-domain", "stage-root", "no-stage"];
    let verbs = ["defined", "other-verb", "options-missing"];
    let deployed = ["yes", "no", "never"];
    let mut all = Vec::new();
    for shape in options {
        for verb in verbs {
            for state in deployed {
                for skipped in ["other-paths", "host-is-this-api", "other-network", "resource-path"] {
                    all.push(format!(
                        "/diagnose?symptom=missing-authentication-token&url-shape={shape}&verb={verb}&deployed-since-change={state}&skip={skipped}"
                    ));
                }
            }
        }
    }
    let file = folder.path().join("page.html");
    std::fs::write(&file, fetch(&site.address, STEP)).unwrap();
    let bare = start(me, &["bare-handler", file.to_str().unwrap()]);
    compare(&format!("{} different steps", all.len()), 0.25, || load(&site.address, &all), || load(&bare.address, &all));
    drop((site, bare));

    let pack = support::pack(10_000, 100, 60);
    let content = folder.path().join("content");
    folder::write(&pack, &content);
    let data = folder.path().join("large");
    let site = start(
        fixpath,
        &[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--workers",
            "1",
            "--data",
            data.to_str().unwrap(),
            "--content",
            content.to_str().unwrap(),
        ],
    );
    let mut mixer = support::Mixer(77);
    let queries: Vec<String> = (0..256).map(|_| format!("{} number {}", mixer.sentence(5), mixer.below(10_000))).collect();
    let paths: Vec<String> = queries.iter().map(|q| format!("/api/v1/search?q={}", q.replace(' ', "+"))).collect();
    let bare = Bare::new(&pack);
    compare("search, 10,000 entries", 0.4, || load(&site.address, &paths), || bare.queries(&queries));
}

/// A bare index of the same texts, in this process.
struct Bare {
    index: tantivy::Index,
    body: tantivy::schema::Field,
}

impl Bare {
    fn new(pack: &Pack) -> Bare {
        let kb = read(pack).kb;
        let mut schema = Schema::builder();
        let body = schema.add_text_field("body", TEXT);
        let slug = schema.add_text_field("slug", STORED);
        let index = tantivy::Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 50_000_000).unwrap();
        for entry in kb.entries.values() {
            writer.add_document(tantivy::doc!(body => entry.source.as_ref(), slug => entry.slug.as_str())).unwrap();
        }
        writer.commit().unwrap();
        Bare { index, body }
    }

    fn queries(&self, queries: &[String]) -> f64 {
        let searcher = self.index.reader().unwrap().searcher();
        let parser = QueryParser::for_index(&self.index, vec![self.body]);
        let began = Instant::now();
        let mut done = 0usize;
        while began.elapsed() < ROUND {
            let (query, _) = parser.parse_query_lenient(&queries[done % queries.len()]);
            searcher.search(&query, &TopDocs::with_limit(10).order_by_score()).unwrap();
            done += 1;
        }
        done as f64 / began.elapsed().as_secs_f64()
    }
}
