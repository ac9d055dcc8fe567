//! The derived questionnaire as a picture with a text outline. The common way runs down; what is settled leaves to the right.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::error::{Error, Nearby};
use super::layout::Layout;
use super::markdown::{Html, inline, plain};
use super::page;
use super::server::Site;
use crate::app::map::{Node, tree};
use crate::kb::{Kind, nearest_few};

/// A line of the outline.
pub struct Line {
    pub depth: usize,
    pub answer: Option<Html>,
    pub title: Html,
    pub url: String,
    pub is_end: bool,
    pub percent: String,
}

/// A box of the picture.
pub struct Shape {
    pub x: usize,
    pub y: usize,
    /// The answer that leads here; empty at the start.
    pub answer: String,
    pub title: String,
    pub url: String,
    pub is_end: bool,
    pub percent: String,
}

/// An arrow of the picture, as the data of an SVG path.
pub struct Arrow {
    pub path: String,
    pub weight: &'static str,
}

impl Shape {
    /// What a box says, also where it is too long to be shown.
    fn whole(&self) -> String {
        if self.answer.is_empty() { self.title.clone() } else { format!("{}: {}", self.answer, self.title) }
    }
}

#[derive(Template)]
#[template(path = "map.html")]
struct MapPage {
    layout: Layout,
    title: Html,
    symptom_url: String,
    start_url: String,
    drawn: bool,
    width: usize,
    height: usize,
    box_width: usize,
    box_height: usize,
    shapes: Vec<Shape>,
    arrows: Vec<Arrow>,
    lines: Vec<Line>,
}

pub async fn show(request: HttpRequest, site: Data<Site>, name: Path<String>) -> Result<HttpResponse, Error> {
    let snapshot = site.app.snapshot();
    let kb = &snapshot.kb;
    let Some(slug) = kb.find_slug(Kind::Symptom, &name) else {
        let near = nearest_few(&name, kb.list_slugs(Kind::Symptom).take(2_000).map(|s| s.as_str()), 4);
        let nearby = near.into_iter().map(|s| Nearby { title: plain(&kb.symptoms[s].title), url: format!("/map/{s}") });
        return Err(Error::NoSuchDocument { kind: Kind::Symptom, slug: name.into_inner(), nearby: nearby.collect() });
    };
    if slug.as_str() != name.as_str() {
        return Ok(page::moved(&format!("/map/{slug}")));
    }
    let address = format!("/map/{slug}");
    site.shelf.respond(&request, snapshot.number, &address, || {
        let symptom = &kb.symptoms[&slug];
        let root = tree(&snapshot, &slug);
        let mut drawing = Drawing::default();
        if let Some(root) = &root {
            drawing.draw(root, None, 0, 0);
            drawing.outline(root, None, 0);
        }
        let title = format!("Map: {}", symptom.title);
        let description = "Where the questions lead: the questionnaire that is derived from the entries of this symptom.";
        page::render(&MapPage {
            layout: Layout::new(&title, description, &address),
            title: inline(&symptom.title),
            symptom_url: Kind::Symptom.url(slug.as_str()),
            start_url: format!("/diagnose?symptom={slug}"),
            drawn: root.is_some(),
            width: (drawing.columns + 1) * COLUMN,
            height: drawing.rows * ROW + 8,
            box_width: BOX_WIDTH,
            box_height: BOX_HEIGHT,
            shapes: drawing.shapes,
            arrows: drawing.arrows,
            lines: drawing.lines,
        })
    })
}

/// The distance between columns and rows, and the size of a box, in pixels.
const COLUMN: usize = 330;
const ROW: usize = 110;
const BOX_WIDTH: usize = 270;
const BOX_HEIGHT: usize = 88;
/// An arrow stops so far before its box: the rest is its tip.
const TIP: usize = 7;
/// Where the arrow to the next question below leaves its box.
const SPINE: usize = 18;

#[derive(Default)]
struct Drawing {
    shapes: Vec<Shape>,
    arrows: Vec<Arrow>,
    lines: Vec<Line>,
    columns: usize,
    rows: usize,
}

impl Drawing {
    /// Draws a place and all below it; gives the first free row.
    fn draw(&mut self, node: &Node, answer: Option<&str>, column: usize, row: usize) -> usize {
        self.columns = self.columns.max(column);
        self.rows = self.rows.max(row + 1);
        self.shapes.push(Shape {
            x: column * COLUMN,
            y: row * ROW,
            answer: answer.map(plain).unwrap_or_default(),
            title: plain(&node.title),
            url: node.url.clone(),
            is_end: node.is_end,
            percent: percent(node.share),
        });
        // What most people come by goes on below, everything else leaves to the right.
        let deepest = node.branches.iter().filter(|(_, n)| !n.is_end).map(|(_, n)| n.ends()).max();
        let spine = node.branches.iter().position(|(_, n)| !n.is_end && Some(n.ends()) == deepest);
        let mut free = row;
        for (at, (label, below)) in node.branches.iter().enumerate() {
            if Some(at) != spine {
                self.arrow_right(column, row, free, below.share);
                free = self.draw(below, Some(label), column + 1, free);
            }
        }
        free = free.max(row + 1);
        if let Some((label, below)) = spine.and_then(|at| node.branches.get(at)) {
            self.arrow_down(column, row, free, below.share);
            free = self.draw(below, Some(label), column, free);
        }
        free
    }

    fn arrow_right(&mut self, column: usize, from: usize, to: usize, share: f64) {
        let (x, y) = (column * COLUMN + BOX_WIDTH, from * ROW + BOX_HEIGHT / 2);
        let (end, down) = ((column + 1) * COLUMN - TIP, to * ROW + BOX_HEIGHT / 2);
        let middle = x + (end - x) / 2;
        let path = format!("M{x} {y}C{middle} {y} {middle} {down} {end} {down}");
        self.arrows.push(Arrow { path, weight: weight(share) });
    }

    fn arrow_down(&mut self, column: usize, from: usize, to: usize, share: f64) {
        let x = column * COLUMN + SPINE;
        let path = format!("M{x} {}V{}", from * ROW + BOX_HEIGHT, to * ROW - TIP);
        self.arrows.push(Arrow { path, weight: weight(share) });
    }

    fn outline(&mut self, node: &Node, answer: Option<&str>, depth: usize) {
        self.lines.push(Line {
            depth: depth.min(12),
            answer: answer.map(inline),
            title: inline(&node.title),
            url: node.url.clone(),
            is_end: node.is_end,
            percent: percent(node.share),
        });
        for (label, below) in &node.branches {
            self.outline(below, Some(label), depth + 1);
        }
    }
}

fn percent(share: f64) -> String {
    if share < 0.005 { "under 1 %".to_owned() } else { format!("{:.0} %", share * 100.0) }
}

fn weight(share: f64) -> &'static str {
    match share {
        s if s >= 0.3 => "w3",
        s if s >= 0.08 => "w2",
        _ => "w1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_way_runs_down_and_what_is_settled_leaves_to_the_right() {
        let node = |title: &str, branches: Vec<(String, Node)>| Node {
            title: title.to_owned(),
            url: String::new(),
            is_end: branches.is_empty(),
            share: 0.5,
            branches,
        };
        let on = |label: &str, below: Node| (label.to_owned(), below);
        let second = node("Second?", vec![on("yes", node("B", Vec::new())), on("no", node("C", Vec::new()))]);
        let root = node("First?", vec![on("no", second), on("yes", node("A", Vec::new()))]);
        let mut drawing = Drawing::default();
        drawing.draw(&root, None, 0, 0);
        let placed: Vec<_> = drawing.shapes.iter().map(|s| (s.title.as_str(), s.x / COLUMN, s.y / ROW)).collect();
        assert_eq!(placed, [("First?", 0, 0), ("A", 1, 0), ("Second?", 0, 1), ("B", 1, 1), ("C", 1, 2)]);
        assert_eq!(drawing.shapes[1].whole(), "yes: A");
    }
}
