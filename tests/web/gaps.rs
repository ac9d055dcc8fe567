//! What is missing is listed for those who can write it.

use crate::support::page::{all, href, one, words};
use crate::support::{Site, packs, until};

/// The rows of a section, each with its address and its words.
fn rows(html: &scraper::Html, section: &str) -> Vec<(String, String)> {
    let css = format!("section[aria-labelledby={section}] li");
    let link = |row: scraper::ElementRef<'_>| row.select(&scraper::Selector::parse("a").expect("it is one")).next().map(href);
    all(html, &css).into_iter().map(|row| (link(row).expect("every row is a link"), words(row))).collect()
}

const SECTIONS: [&str; 6] = ["misses", "failing", "declared", "disputed", "overdue", "never"];

#[test]
fn a_list_without_rows_says_what_would_stand_in_it() {
    let content = packs::pack(packs::LAMP);
    for (path, text) in packs::LAMP.iter().filter(|(path, _)| path.starts_with("entries/")) {
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        packs::write(content.path(), path, &text.replacen("likelihood", &format!("verified: {{on: {today}}}\nlikelihood"), 1));
    }
    let site = Site::on(content.path());
    assert!(all(&site.get("/browse").html(), "main a").into_iter().map(href).any(|url| url == "/gaps"), "it can be found");
    let html = site.get("/gaps").html();
    for section in SECTIONS {
        assert_eq!(rows(&html, section), Vec::new(), "{section}");
        let text = words(one(&html, &format!("section[aria-labelledby={section}] p")));
        assert!(text.len() > 60, "{section} teaches: {text}");
    }
}

#[test]
fn what_people_missed_and_what_needs_a_look_is_listed_with_a_link() {
    let content = packs::pack(packs::LAMP);
    let (symptom, text) = packs::LAMP[0];
    let gap = "known-gaps:\n  - {answers: {plug: in, glass: clear}, reason: 'See [another *fix*](/fix/plug-is-out).'}\n";
    packs::write(content.path(), symptom, &text.replacen("aliases", &format!("{gap}aliases"), 1));
    let (plug, text) = packs::LAMP[3];
    let old = "verified: {on: 2020-02-29, against: a desk lamp}\nlikelihood";
    packs::write(content.path(), plug, &text.replacen("likelihood", old, 1));
    let (bulb, text) = packs::LAMP[4];
    let disputed = "disputed: Whether it can be mended.\nowner: the house\nlikelihood";
    packs::write(content.path(), bulb, &text.replacen("likelihood", disputed, 1));
    let site = Site::on(content.path());
    for _ in 0..2 {
        site.get("/search?q=zyzzyva+%26+%3Cb%3E");
    }
    site.get("/search?q=quux");
    site.get("/diagnose?symptom=lamp-is-dark&plug=in&glass=clear");
    for (entry, worked) in [("bulb-is-burnt", "no"), ("plug-is-out", "yes"), ("plug-is-out", "no")] {
        site.post_form("/outcome", &[("entry", entry), ("worked", worked), ("query", "symptom=lamp-is-dark")]);
    }
    until("the misses are written down", || rows(&site.get("/gaps").html(), "misses").len() == 3);
    let html = site.get("/gaps").html();
    let misses = rows(&html, "misses");
    assert!(
        misses[0].1.starts_with("zyzzyva") && misses[0].1.ends_with("nothing was found, 2 times"),
        "the most frequent: {misses:?}"
    );
    let answers = misses.iter().find(|(url, _)| url.starts_with("/diagnose?")).expect("it is one of them");
    assert_eq!(answers.1, "The lamp is dark: glass=clear plug=in no entry explains the answers");
    let bulb = |words: &str| vec![("/fix/bulb-is-burnt".to_owned(), format!("The bulb is burnt {words}"))];
    assert_eq!(rows(&html, "failing"), bulb("did not help once"), "as often as not is not more often");
    assert_eq!(rows(&html, "disputed"), bulb("owner: the house"));
    assert_eq!(rows(&html, "never"), bulb("owner: the house"));
    assert_eq!(rows(&html, "overdue"), [("/fix/plug-is-out".to_owned(), "The plug is out verified on 2020-02-29".to_owned())]);
    let gap = "/diagnose?symptom=lamp-is-dark&glass=clear&plug=in&search=gaps".to_owned();
    assert_eq!(rows(&html, "declared"), [(gap, "See another fix. The lamp is dark".to_owned())]);
    for (url, _) in SECTIONS.into_iter().flat_map(|section| rows(&html, section)) {
        assert_eq!(site.get(&url).status, 200, "{url}");
    }
    site.get("/search?q=the+last+thing+quuux");
    let now = || rows(&site.get("/gaps").html(), "misses");
    until("what came last is written down", || now().len() == 4);
    assert_eq!(now()[0], misses[0], "whoever looks at a miss again has not missed it again");
    assert_eq!(now().iter().filter(|(_, words)| words.ends_with("times")).count(), 1);
}
