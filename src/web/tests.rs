//! Who may do what, as a table: each address, each method, each kind of visitor, on each kind of site, made from the router and
//! compared with `tests/fixtures/permissions.txt`. A new address is in the table by itself, so it fails here until it is read.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use actix_web::App as ActixApp;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::web::Data;

use super::operators::Counters;
use super::page::Shelf;
use super::rights::Rules;
use super::server::Site;
use super::visitor::{Proof, VISITOR, Visitor};
use super::{places, routes};
use crate::app::App;
use crate::app::people::{Person, Role, Scope, Secret};
use crate::app::publish::Writing;

const METHODS: [Method; 6] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

const SITES: [(&str, Rules); 3] = [
    ("On this machine alone", Rules { open_reading: true, loopback: true, read_only: false }),
    ("Beyond this machine, open for reading", Rules { open_reading: true, loopback: false, read_only: false }),
    ("Beyond this machine, reading needs an account", Rules { open_reading: false, loopback: false, read_only: false }),
];

fn visitors() -> Vec<(&'static str, Proof)> {
    let person = |role: Role| Person { id: 1, name: role.word().to_owned(), role };
    let session = |role| Proof::Session(person(role), Secret::given(SESSION));
    vec![
        ("nobody", Proof::Nothing),
        ("reader", session(Role::Reader)),
        ("editor", session(Role::Editor)),
        ("administrator", session(Role::Administrator)),
        ("read token", Proof::Token(person(Role::Administrator), Scope::Read)),
        ("write token", Proof::Token(person(Role::Administrator), Scope::Write)),
        ("reader's write token", Proof::Token(person(Role::Reader), Scope::Write)),
        ("bad token", Proof::BadToken),
    ]
}

const SESSION: &str = "for a test";

async fn site(folder: &Path) -> Data<Site> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lamp");
    let app = App::open(folder, Some(&content), Writing::default(), &|_, _, _| {}).await.unwrap();
    Data::new(Site { app: Arc::new(app), shelf: Shelf::default(), counters: Counters::default(), rules: Rules::default() })
}

/// What answers a request.
trait Call: AsyncFn(TestRequest) -> (StatusCode, HeaderMap) {}
impl<T: AsyncFn(TestRequest) -> (StatusCode, HeaderMap)> Call for T {}

/// Sends a request as somebody, and says in a word what became of it.
async fn ask(call: &impl Call, path: &str, method: &Method, who: Visitor, csrf: bool) -> &'static str {
    let path = path.replace("{id}", "1").replace("{", "").replace('}', "");
    let mut request = TestRequest::with_uri(&path).method(method.clone());
    request = request.insert_header((header::COOKIE, format!("fixpath-form={SESSION}")));
    if csrf {
        request = request.insert_header(("x-csrf-token", Secret::given(SESSION).form_token()));
    }
    let request = request.insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"));
    let (status, headers) = VISITOR.scope(Arc::new(who), call(request)).await;
    // Whoever signs out is led there as well, which is no refusal.
    let leads_away =
        headers.get(header::LOCATION).is_some_and(|to| to.as_bytes().starts_with(b"/sign-in")) && *method != Method::POST;
    match status {
        StatusCode::SEE_OTHER if leads_away => "sign in",
        StatusCode::UNAUTHORIZED => "401",
        StatusCode::FORBIDDEN => "no",
        StatusCode::METHOD_NOT_ALLOWED => "405",
        status => {
            assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}");
            "yes"
        }
    }
}

fn visitor(proof: &Proof, rules: Rules) -> Visitor {
    Visitor { proof: proof.clone(), ..Visitor::nobody(rules, "127.0.0.1".to_owned()) }
}

async fn table() -> String {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path()).await;
    let service = init_service(ActixApp::new().app_data(site.clone()).configure(routes)).await;
    let call = async |request: TestRequest| {
        let response = call_service(&service, request.to_request()).await;
        (response.status(), response.headers().clone())
    };
    let mut table = String::new();
    for (name, rules) in SITES {
        let heads: Vec<&str> = visitors().iter().map(|(name, _)| *name).collect();
        table += &format!("{name}\n\n{}\n", line("", "", &heads));
        for place in places() {
            let mut rows: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
            for method in &METHODS {
                let mut cells = Vec::new();
                for (_, proof) in visitors() {
                    cells.push(ask(&call, place.path, method, visitor(&proof, rules), true).await);
                }
                match rows.iter_mut().find(|(_, known)| *known == cells) {
                    Some((methods, _)) => methods.push(method.as_str()),
                    None => rows.push((vec![method.as_str()], cells)),
                }
            }
            for (methods, cells) in rows.into_iter().filter(|(_, cells)| !cells.iter().all(|cell| *cell == "405")) {
                table += &line(place.path, &methods.join(" "), &cells);
                table.push('\n');
            }
        }
        table.push('\n');
    }
    site.app.close().await;
    table.trim_end().to_owned() + "\n"
}

fn line(path: &str, methods: &str, cells: &[&str]) -> String {
    let widths = visitors().into_iter().map(|(name, _)| name.len() + 2);
    let cells: String = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
    format!("{path:35}{methods:15}{cells}").trim_end().to_owned()
}

#[actix_web::test]
async fn who_may_do_what_is_what_the_table_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/permissions.txt");
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    let found = table().await;
    if wanted != found {
        let beside = std::env::temp_dir().join("permissions.txt");
        std::fs::write(&beside, &found).unwrap();
        panic!("read what changed, and if it is right: mv {} {}", beside.display(), file.display());
    }
}

/// On the word of a cookie nothing changes without the token of a form, wherever it is sent.
#[actix_web::test]
async fn every_form_wants_the_token_of_its_session() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path()).await;
    let service = init_service(ActixApp::new().app_data(site.clone()).configure(routes)).await;
    let call = async |request: TestRequest| {
        let response = call_service(&service, request.to_request()).await;
        (response.status(), response.headers().clone())
    };
    let (_, administrator) = visitors().swap_remove(3);
    let mut refused = BTreeMap::new();
    for place in places() {
        for (method, _) in place.rules.iter().filter(|(method, _)| !matches!(*method, Method::GET | Method::HEAD)) {
            let asked = ask(&call, place.path, method, visitor(&administrator, SITES[2].1), false).await;
            refused.insert(format!("{method} {}", place.path), asked);
        }
    }
    assert!(refused.len() > 10 && refused.values().all(|asked| *asked == "no"), "{refused:?}");
    assert_eq!(ask(&call, "/sign-in", &Method::POST, visitor(&Proof::Nothing, SITES[0].1), false).await, "no");
    site.app.close().await;
}

/// However an address is written, its rule stands.
#[actix_web::test]
async fn no_other_way_to_write_an_address_leads_past_its_rule() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path()).await;
    let service = init_service(ActixApp::new().app_data(site.clone()).configure(routes)).await;
    let call = async |request: TestRequest| {
        let response = call_service(&service, request.to_request()).await;
        (response.status(), response.headers().clone())
    };
    for path in ["/people", "/%70eople", "/%70%65%6f%70%6c%65", "/people?x", "/people#x", "/audit%2ecsv"] {
        let asked = ask(&call, path, &Method::GET, visitor(&Proof::Nothing, SITES[2].1), true).await;
        assert_eq!(asked, "sign in", "{path}");
    }
    for path in ["/people/", "//people", "/./people", "/PEOPLE", "/people%2f", "/people;x"] {
        let who = Arc::new(visitor(&Proof::Nothing, SITES[2].1));
        let status = VISITOR.scope(who, call(TestRequest::with_uri(path))).await.0;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    site.app.close().await;
}
